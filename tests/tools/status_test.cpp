// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tools/chaski/commands.hpp"

namespace chaski::tools {
namespace {

using nlohmann::json;

std::string words(const json& status) { return status_words(Screen(), status); }

TEST(Status, ANodeAloneSaysThatMessagesWait) {
  EXPECT_NE(words({{"neighbours", json::array()}}).find("none in reach: messages wait here"),
            std::string::npos);
  EXPECT_NE(words({{"handshakes", 1}}).find("one is just being greeted"), std::string::npos);
}

TEST(Status, WorkForAStampIsShownWithHowLongItTakes) {
  const auto text = words({{"work", {{{"contact", "so\x1buth"}, {"left_s", 4}}}}});
  EXPECT_NE(text.find("working, about 4 s: the answer to so\\x1buth's invitation"),
            std::string::npos)
      << text;
}

TEST(Status, ANodeWithoutAPersonSaysHowToGetOne) {
  EXPECT_NE(words({{"identity", false}}).find("chaski init"), std::string::npos);
  EXPECT_EQ(words({{"identity", true}}).find("chaski init"), std::string::npos);
}

TEST(Status, AnAnswerOfANewerNodeWithUnknownPartsIsShown) {
  const auto text = words({{"transports", {{"carrier-pigeon", {{"listening", true}}}}},
                           {"something", {1, 2, 3}}});
  EXPECT_NE(text.find("carrier-pigeon"), std::string::npos);
}

TEST(Status, NothingOffIsSaid) {
  EXPECT_NE(words(json::object()).find("problems    none"), std::string::npos);
}

}  // namespace
}  // namespace chaski::tools
