// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/response_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include <rapidcheck/gtest.h>

namespace chaski::tools {
namespace {

struct Outcome {
  bool good = true;  ///< understood so far
  bool done = false;
  int status = 0;
  std::string body;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << (o.good ? "good " : "bad ") << (o.done ? "done " : "open ") << o.status << " '"
             << o.body << "'";
}

Outcome read(std::string_view text, std::size_t step, bool close = false) {
  ResponseReader reader;
  Outcome out;
  while (!text.empty() && out.good) {
    out.good = reader.feed(text.substr(0, step), out.body);
    text.remove_prefix(std::min(step, text.size()));
  }
  if (close) reader.finish();
  out.done = reader.done();
  out.status = reader.status();
  return out;
}

TEST(ResponseReader, ABodyWithALength) {
  const Outcome expected{true, true, 200, "hello"};
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1'000), expected);
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:5\r\nX: y\r\n\r\nhello", 1), expected);
}

TEST(ResponseReader, AnEmptyBody) {
  EXPECT_EQ(read("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", 7),
            (Outcome{true, true, 404, ""}));
  EXPECT_EQ(read("HTTP/1.1 204 Gone\r\n\r\n", 7), (Outcome{true, true, 204, ""}));
}

TEST(ResponseReader, ABodyInChunks) {
  const char* text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0A;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
  for (std::size_t step = 1; step < 120; ++step) {
    EXPECT_EQ(read(text, step), (Outcome{true, true, 200, "abc0123456789"})) << step;
  }
}

TEST(ResponseReader, ABodyUpToTheEnd) {
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\nabc", 5), (Outcome{true, false, 200, "abc"}));
  EXPECT_EQ(read("HTTP/1.0 200 OK\r\n\r\nabc", 5, true), (Outcome{true, true, 200, "abc"}));
}

TEST(ResponseReader, AnInterimResponseIsPassedOver) {
  EXPECT_EQ(read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 3),
            (Outcome{true, true, 200, "x"}));
}

TEST(ResponseReader, ABodyCutShortIsNotComplete) {
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", 4, true).done);
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", 4, true).done);
  EXPECT_FALSE(read("HTTP/1.1 200", 4, true).done);
}

TEST(ResponseReader, WhatIsNoResponseIsRefused) {
  for (const char* text : {
           "SSH-2.0-OpenSSH\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
       }) {
    for (const std::size_t step : {1U, 7U, 1'000U}) EXPECT_FALSE(read(text, step).good) << text;
  }
}

TEST(ResponseReader, HeadAndLinesAreBounded) {
  const std::string endless(100'000, 'x');
  EXPECT_FALSE(read("HTTP/1.1 200 OK\r\nX: " + endless, 1'000).good);
  EXPECT_FALSE(
      read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + endless, 1'000).good);
}

RC_GTEST_PROP(ResponseReader, HowTheBytesAreCutDoesNotMatter, (const std::string& noise)) {
  // A valid start brings the noise into every state.
  static const std::string kStarts[] = {
      "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"};
  for (const std::string& start : kStarts) {
    const Outcome whole = read(start + noise, 100'000);
    const Outcome bytewise = read(start + noise, 1);
    RC_ASSERT(whole.good == bytewise.good);
    RC_ASSERT(whole.done == bytewise.done);
    RC_ASSERT(whole.body == bytewise.body);
  }
}

}  // namespace
}  // namespace chaski::tools
