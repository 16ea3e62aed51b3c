// SPDX-License-Identifier: Apache-2.0
// The requests without a socket, on a node in memory.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "daemon/api_routes.hpp"
#include "daemon/message_batch.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::daemon {
namespace {

class ApiDispatch : public testing::Test {
 protected:
  struct Person {
    explicit Person(std::uint64_t seed)
        : random(seed), store(8u << 20), node({}, store, random, {}) {}
    base::SeededRandom random;
    node::MemoryNodeStore store;
    node::Node node;
  };

  ApiContext context(Person& person) {
    return {person.node, person.store, base::from_us(1'000'000), {1'780'000'000}, writable_,
            stopping_,   status_,      stop_};
  }
  ApiResult ask(const char* method, const std::string& target, const Json& body = nullptr) {
    return ask(anna_, method, target, body.is_null() ? std::string() : body.dump());
  }
  ApiResult ask_text(const char* method, const std::string& target, const std::string& text,
                     std::string_view content_type = "text/plain; charset=utf-8") {
    return ask(anna_, method, target, text, content_type);
  }
  ApiResult ask(Person& person, const char* method, const std::string& target, std::string body,
                std::string_view content_type = "application/json") {
    ApiRequest request;
    request.method = method;
    EXPECT_TRUE(parse_target(target, request));
    request.body = body;
    request.content_type = content_type;
    ApiContext now = context(person);
    auto result = dispatch(now, request);
    EXPECT_TRUE(person.node.flush(now.now));
    return result;
  }
  std::string code(const ApiResult& result) {
    if (result) return "";
    EXPECT_FALSE(result.error().message.empty());
    EXPECT_FALSE(result.error().mend.empty());
    return std::to_string(result.error().status) + " " + result.error().code;
  }
  void begin() {
    ASSERT_TRUE(anna_.node.create_identity("anna"));
    ASSERT_TRUE(bert_.node.create_identity("bert"));
  }
  /// Anna and Bert meet.
  void introduce() {
    begin();
    const auto invite = ask("POST", "/v1/invites");
    const auto taken =
        ask(bert_, "POST", "/v1/contacts", Json{{"link", invite->body["link"]}}.dump());
    const auto answered =
        ask("POST", "/v1/contacts", {{"link", taken->body["answer_link"]}, {"name", "bert"}});
    ASSERT_TRUE(answered) << answered.error().message;
  }

  bool writable_ = true;
  bool stopping_ = false;
  int stops_ = 0;
  std::function<Json()> status_ = [] { return Json{{"state", "running"}}; };
  std::function<void()> stop_ = [this] { ++stops_; };
  Person anna_{1};
  Person bert_{2};
};

TEST_F(ApiDispatch, UnknownPathsAndMethods) {
  EXPECT_EQ(code(ask("GET", "/")), "404 unknown_request");
  EXPECT_EQ(code(ask("GET", "/v1/messages/")), "404 unknown_request");
  EXPECT_EQ(code(ask("GET", "/v1/messages/1/2")), "404 unknown_request");
  EXPECT_EQ(code(ask("POST", "/v1/whoami")), "405 unknown_method");
  EXPECT_EQ(code(ask("DELETE", "/v1/contacts")), "405 unknown_method");
}

TEST_F(ApiDispatch, ThePersonComesFirst) {
  EXPECT_EQ(code(ask("GET", "/v1/whoami")), "409 no_identity");
  EXPECT_EQ(code(ask("POST", "/v1/invites")), "409 no_identity");
  EXPECT_EQ(code(ask("POST", "/v1/messages", {{"to", "b"}, {"text", "x"}})), "409 no_identity");
  begin();
  const auto who = ask("GET", "/v1/whoami");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->body["name"], "anna");
  EXPECT_EQ(who->body["identity"].get<std::string>().size(), 128u);
}

TEST_F(ApiDispatch, ALockedNodeRefusesWhateverConcernsThePerson) {
  introduce();
  ask("POST", "/v1/messages", {{"to", "bert"}, {"text", "x"}});
  anna_.node.lock(base::from_us(2'000'000));
  for (const char* path : {"/v1/whoami", "/v1/contacts", "/v1/messages", "/v1/messages/1",
                           "/v1/messages/1/text", "/v1/messages/99"}) {
    EXPECT_EQ(code(ask("GET", path)), "403 locked") << path;
  }
  EXPECT_EQ(code(ask("POST", "/v1/messages", {{"to", "bert"}, {"text", "x"}})), "403 locked");
  EXPECT_EQ(code(ask("POST", "/v1/invites")), "403 locked");
  EXPECT_EQ(code(ask("POST", "/v1/contacts", {{"link", "x"}})), "403 locked");
  EXPECT_EQ(code(ask("POST", "/v1/work/cancel", {{"contact", "bert"}})), "403 locked");
  EXPECT_TRUE(ask("GET", "/v1/status"));
  anna_.node.unlock(base::from_us(3'000'000));
  EXPECT_EQ(ask("GET", "/v1/messages/1")->body["message"]["text"], "x");
}

TEST_F(ApiDispatch, BodiesAreReadStrictly) {
  begin();
  EXPECT_EQ(code(ask(anna_, "POST", "/v1/contacts", "{")), "400 bad_request");
  EXPECT_EQ(code(ask(anna_, "POST", "/v1/contacts", "[1]")), "400 bad_request");
  EXPECT_EQ(code(ask(anna_, "POST", "/v1/contacts", "")), "400 bad_request");
  EXPECT_EQ(code(ask("POST", "/v1/contacts", {{"link", 7}})), "400 bad_request");
  EXPECT_EQ(code(ask("POST", "/v1/contacts", {{"link", "a"}, {"nmae", "a"}})), "400 bad_request");
  EXPECT_EQ(code(ask(anna_, "POST", "/v1/contacts", "{\"link\":\"\xff\"}")), "400 bad_request");
}

TEST_F(ApiDispatch, APersonMeetsAnotherAndWrites) {
  introduce();
  const auto contacts = ask("GET", "/v1/contacts")->body["contacts"];
  ASSERT_EQ(contacts.size(), 1u);
  EXPECT_EQ(contacts[0]["name"], "bert");
  EXPECT_EQ(contacts[0]["trust"], "unverified");
  EXPECT_GE(contacts[0]["safety_number"].get<std::string>().size(), 60u);
  const auto sent =
      ask("POST", "/v1/messages",
          {{"to", "bert"}, {"text", "hello"}, {"lifetime_s", 60}, {"priority", "urgent"}});
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(sent->after_commit);
  const Json message = sent->body["message"];
  EXPECT_EQ(message["id"], 1);
  EXPECT_EQ(message["state"], "accepted");
  EXPECT_EQ(message["contact"], "bert");
  EXPECT_GE(message["lifetime_s"], 60);
  const auto one = ask("GET", "/v1/messages/1");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->body["message"], message);
  EXPECT_EQ(one->body["life"][0]["what"], "accepted");
  EXPECT_NE(one->body["explanation"].get<std::string>().find("no neighbour"), std::string::npos);
  EXPECT_LE(one->body["held"]["expires_in_s"], message["lifetime_s"]);
}

TEST_F(ApiDispatch, MessagesAreRefusedWithTheirReason) {
  introduce();
  const auto refused = [&](const Json& body) { return code(ask("POST", "/v1/messages", body)); };
  EXPECT_EQ(refused({{"to", "carl"}, {"text", "x"}}), "404 unknown_contact");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", ""}}), "400 empty_text");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", std::string(70'000, 'x')}}), "413 text_too_long");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", "x"}, {"lifetime_s", 0}}), "400 bad_lifetime");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", "x"}, {"lifetime_s", 99'999'999'999}}),
            "400 bad_lifetime");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", "x"}, {"lifetime_s", -1}}), "400 bad_request");
  EXPECT_EQ(refused({{"to", "bert"}, {"text", "x"}, {"priority", "now"}}), "400 bad_request");
  EXPECT_EQ(refused({{"to", "bert"}}), "400 bad_request");
  EXPECT_EQ(code(ask("GET", "/v1/messages/1")), "404 unknown_message");
  EXPECT_EQ(code(ask("GET", "/v1/messages/x")), "404 unknown_message");
  EXPECT_EQ(code(ask("GET", "/v1/messages/99999999999999999999")), "404 unknown_message");
}

TEST_F(ApiDispatch, ARawTextIsSentAndReadAsItIs) {
  introduce();
  const std::string text = "h\xc3\xbcllo \"\\\n" + std::string(65'000, 'x');
  const auto sent =
      ask_text("POST", "/v1/messages?to=be%72t&lifetime_s=60&priority=urgent", text);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_TRUE(sent->after_commit);
  Json message = sent->body["message"];
  EXPECT_FALSE(message.contains("text")) << "who sent it has it";
  message["text"] = text;
  EXPECT_EQ(ask("GET", "/v1/messages/1")->body["message"], message);
  const auto read = ask("GET", "/v1/messages/1/text");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->plain_text);
  EXPECT_EQ(read->body, text);
  EXPECT_TRUE(ask_text("POST", "/v1/messages?to=bert", "{\"no\": \"JSON\"}", "TEXT/Plain"));
  EXPECT_EQ(ask("GET", "/v1/messages/2/text")->body, "{\"no\": \"JSON\"}");
}

TEST_F(ApiDispatch, RawTextsAreRefusedWithTheirReason) {
  introduce();
  const auto refused = [&](const std::string& query, const std::string& text = "x",
                           const char* type = "text/plain") {
    return code(ask_text("POST", "/v1/messages" + query, text, type));
  };
  EXPECT_EQ(refused("?to=carl"), "404 unknown_contact");
  EXPECT_EQ(refused("?to=bert", ""), "400 empty_text");
  EXPECT_EQ(refused("?to=bert", std::string(65'536, 'x')), "");
  EXPECT_EQ(refused("?to=bert", std::string(65'537, 'x')), "413 text_too_long");
  EXPECT_EQ(refused("?to=bert", "\xff"), "400 bad_request");
  EXPECT_EQ(refused("?to=bert", "x\xc3"), "400 bad_request") << "cut within a character";
  EXPECT_EQ(refused("?to=bert", "\xed\xa0\x80"), "400 bad_request") << "a surrogate";
  EXPECT_EQ(refused("?to=bert", "x", "text/plain; charset=latin1"), "400 bad_request");
  EXPECT_EQ(refused("?to=bert", "x", "text/plain; format=flowed; charset=\"UTF-8\""), "");
  EXPECT_EQ(refused("?to=bert", "x", "text/plainer"), "400 bad_request");
  EXPECT_EQ(refused(""), "400 bad_request");
  EXPECT_EQ(refused("?to=bert&lifetime_s=0"), "400 bad_lifetime");
  EXPECT_EQ(refused("?to=bert&lifetime_s=99999999999"), "400 bad_lifetime");
  EXPECT_EQ(refused("?to=bert&lifetime_s=1d"), "400 bad_request");
  EXPECT_EQ(refused("?to=bert&priority=now"), "400 bad_request");
  EXPECT_EQ(refused("?to=bert&text=x"), "400 bad_request");
  EXPECT_EQ(code(ask_text("POST", "/v1/invites", "x")), "400 bad_request")
      << "JSON, whatever is said";
  EXPECT_EQ(code(ask("GET", "/v1/messages/9/text")), "404 unknown_message");
  EXPECT_EQ(code(ask("GET", "/v1/messages//text")), "404 unknown_request");
  EXPECT_EQ(code(ask("GET", "/v1/messages/1/2/text")), "404 unknown_request");
  writable_ = false;
  EXPECT_EQ(refused("?to=bert"), "503 store_full");
}

TEST_F(ApiDispatch, MessagesArePagedUpwardsFromAfterAndNewestWithoutIt) {
  introduce();
  for (int i = 0; i < 25; ++i) ask("POST", "/v1/messages", {{"to", "bert"}, {"text", "x"}});
  const auto ids = [&](const std::string& query) {
    std::vector<int> list;
    const Json body = ask("GET", "/v1/messages" + query)->body;
    for (const auto& m : body["messages"]) list.push_back(m["id"]);
    return list;
  };
  EXPECT_EQ(ids("?limit=2"), (std::vector<int>{24, 25}));
  EXPECT_EQ(ids("?after=0&limit=2"), (std::vector<int>{1, 2}));
  EXPECT_EQ(ids("?after=23&limit=9"), (std::vector<int>{24, 25}));
  EXPECT_EQ(ids("?after=0&limit=3&contact=be%72t"), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(ids("?contact=bert&limit=1"), (std::vector<int>{25}));
  EXPECT_TRUE(ids("?after=18446744073709551615").empty());
  EXPECT_EQ(code(ask("GET", "/v1/messages?contact=carl")), "404 unknown_contact");
  EXPECT_EQ(code(ask("GET", "/v1/messages?limit=x")), "400 bad_request");
}

TEST_F(ApiDispatch, NothingIsTakenWhileTheDiskRefusesOrTheNodeStops) {
  introduce();
  writable_ = false;
  EXPECT_EQ(code(ask("POST", "/v1/messages", {{"to", "bert"}, {"text", "x"}})), "503 store_full");
  EXPECT_EQ(code(ask("POST", "/v1/invites")), "503 store_full");
  EXPECT_TRUE(ask("GET", "/v1/contacts"));
  writable_ = true;
  stopping_ = true;
  EXPECT_EQ(code(ask("POST", "/v1/invites")), "503 stopping");
  EXPECT_TRUE(ask("POST", "/v1/stop"));
  EXPECT_EQ(stops_, 1);
}

TEST_F(ApiDispatch, BadLinksAreOneAnswer) {
  introduce();
  EXPECT_EQ(code(ask("POST", "/v1/contacts", {{"link", "chaski:nonsense"}})), "400 bad_link");
  const auto invite = ask("POST", "/v1/invites");
  EXPECT_EQ(code(ask("POST", "/v1/contacts", {{"link", invite->body["link"]}})), "400 own_link");
}

TEST_F(ApiDispatch, APricedInvitationIsWorkedForShownAndGivenUp) {
  begin();
  EXPECT_EQ(ask("POST", "/v1/invites")->body["price"], 0);
  EXPECT_EQ(code(ask("POST", "/v1/invites", {{"price", 25}})), "400 bad_price");
  EXPECT_EQ(code(ask("POST", "/v1/invites", {{"price", 1ull << 40}})), "400 bad_price");
  const auto invite = ask("POST", "/v1/invites", {{"price", 24}});
  ASSERT_TRUE(invite);
  EXPECT_EQ(invite->body["price"], 24);
  const auto added =
      ask(bert_, "POST", "/v1/contacts", Json{{"link", invite->body["link"]}}.dump());
  ASSERT_TRUE(added);
  EXPECT_EQ(added->body["work"]["contact"], "anna");
  EXPECT_EQ(added->body["work"]["price"], 24);
  EXPECT_EQ(added->body["work"]["hashes_expected"], 1u << 24);
  const auto sent = ask(bert_, "POST", "/v1/messages", R"({"to":"anna","text":"x"})");
  ASSERT_TRUE(sent);
  const auto explained = [&] {
    return ask(bert_, "GET", "/v1/messages/1", "")->body["explanation"].get<std::string>();
  };
  EXPECT_NE(explained().find("being stamped"), std::string::npos);
  const std::string cancel = R"({"contact":"anna"})";
  EXPECT_TRUE(ask(bert_, "POST", "/v1/work/cancel", cancel));
  EXPECT_EQ(explained().find("being stamped"), std::string::npos);
  EXPECT_EQ(code(ask(bert_, "POST", "/v1/work/cancel", cancel)), "404 no_work");
}

TEST_F(ApiDispatch, ABatchAnswersEveryLineAndIsSentInSteps) {
  introduce();
  std::string lines;
  for (int i = 0; i < 1'000; ++i) lines += R"({"to":"bert","text":"x"})" "\n";
  lines += "\n  \nnonsense\n{\"to\":\"carl\",\"text\":\"x\"}\n{\"to\":\"bert\",\"text\":\"last\"}";
  MessageBatch batch(lines);
  int steps = 0;
  while (!batch.done()) {
    ApiContext now = context(anna_);
    batch.step(now);
    ASSERT_TRUE(anna_.node.flush(now.now));
    batch.settle(true);
    ++steps;
  }
  EXPECT_EQ(steps, 2);
  std::vector<Json> answers;
  std::string all = batch.take_answer();
  for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
    answers.push_back(Json::parse(all.substr(at, all.find('\n', at) - at)));
  }
  ASSERT_EQ(answers.size(), 1'003u);
  for (std::size_t i = 0; i < 1'000; ++i) EXPECT_EQ(answers[i]["id"], i + 1);
  EXPECT_EQ(answers[1'000]["error"]["code"], "bad_request");
  EXPECT_EQ(answers[1'001]["error"]["code"], "unknown_contact");
  EXPECT_EQ(answers[1'002]["id"], 1'001);
}

TEST_F(ApiDispatch, ABatchWhoseCommitFailedReportsNothingAsSent) {
  introduce();
  MessageBatch batch("{\"to\":\"bert\",\"text\":\"x\"}\nnonsense\n");
  ApiContext now = context(anna_);
  batch.step(now);
  batch.settle(false);
  const std::string answer = batch.take_answer();
  EXPECT_EQ(answer.find("\"id\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("store_full"), std::string::npos);
  EXPECT_NE(answer.find("bad_request"), std::string::npos);
}

TEST(ApiTarget, IsDecodedOrRefused) {
  ApiRequest request;
  ASSERT_TRUE(parse_target("/a%2Fb?x=1%2B1&y=a+b&z", request));
  EXPECT_EQ(request.path, "/a/b");
  ASSERT_EQ(request.query.size(), 3u);
  EXPECT_EQ(request.query[0].second, "1+1");
  EXPECT_EQ(request.query[1].second, "a b");
  EXPECT_EQ(request.query[2].second, "");
  EXPECT_FALSE(parse_target("/%", request));
  EXPECT_FALSE(parse_target("/%2", request));
  EXPECT_FALSE(parse_target("/%gg", request));
  EXPECT_FALSE(parse_target("/a?x=%", request));
}

}  // namespace
}  // namespace chaski::daemon
