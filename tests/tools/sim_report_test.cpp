// SPDX-License-Identifier: Apache-2.0
// Afraid of: results that the page does not hold, or holds otherwise; a name in a trace or a
// scenario that becomes markup or a script; a page that asks the network for anything; a page too
// large for a browser.
#include "tools/sim/report/report_html.hpp"

#include <gtest/gtest.h>
#include <sodium.h>

#include <cstddef>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tools/sample_results.hpp"

namespace chaski::tools {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kDataOpens = R"(<script type="application/json" id="results">)";

/// What stands between two texts, the first of which must be there once.
std::string between(const std::string& page, std::string_view open, std::string_view close) {
  const std::size_t at = page.find(open);
  EXPECT_NE(at, std::string::npos) << open;
  EXPECT_EQ(page.find(open, at + 1), std::string::npos) << open;
  const std::size_t end = page.find(close, at + open.size());
  EXPECT_NE(end, std::string::npos) << close;
  return page.substr(at + open.size(), end - at - open.size());
}

/// The data as a browser's parser finds them: up to the first thing that ends the element.
Json embedded_in(const std::string& page) {
  return Json::parse(between(page, kDataOpens, "</"));
}

/// The page with nothing in it but itself.
std::string bare_page() {
  return report_html(Json::object());
}

std::size_t count(std::string_view page, std::string_view text) {
  std::size_t found = 0;
  for (std::size_t at = page.find(text); at != std::string_view::npos;
       at = page.find(text, at + 1)) {
    ++found;
  }
  return found;
}

TEST(SimReport, HoldsAllResults) {
  Json results = sample_results({});
  const Json in_page = embedded_in(report_html(results));
  ASSERT_EQ(in_page["map"]["positions"].size(), results["map"]["positions"].size());
  for (std::size_t i = 0; i < results["map"]["positions"].size(); ++i) {
    const Json& was = results["map"]["positions"][i];
    const Json& is = in_page["map"]["positions"][i];
    ASSERT_EQ(was.size(), is.size());
    for (std::size_t k = 0; k < was.size(); ++k) {
      ASSERT_NEAR(was[k].get<double>(), is[k].get<double>(), .0501);
      ASSERT_LE(is[k].dump().size(), 6U) << "a place takes more room than it needs";
    }
  }
  results["map"].erase("positions");
  Json rest = in_page;
  rest["map"].erase("positions");
  EXPECT_EQ(rest, results);
}

TEST(SimReport, SaysTheSameTwice) {
  EXPECT_EQ(report_html(sample_results({})), report_html(sample_results({})));
}

TEST(SimReport, HostileTextsStayText) {
  const std::vector<std::string> hostile = {
      "</script><script>alert(1)</script>",
      "<!--<script>",
      "-->",
      "\"'><img src=x onerror=alert(1)>",
      "</SCRIPT\n>",
      "</title></style></body></html>",
      "]]>",
      "{{script}} {{results}} }}",
      "\\u003c/script>\\",
      "a\u2028b\u2029c\x01\n\r\t\x7f",
      "${alert(1)}`",
  };
  const std::string bare = bare_page();
  for (const std::string& text : hostile) {
    Json results = sample_results({.people = 10, .messages = 3, .frames = 2, .spread = 1});
    results["scenario"]["name"] = text;
    results["scenario"]["title"] = text;
    results["scenario"]["links"] = text;
    results["scenario"][text] = text;
    results["messages"][0]["name"] = text;
    results["runs"][0]["strategy"] = text;
    results["runs"][0]["event_hash"] = text;
    results["spread"][0]["strategy"] = text;
    const std::string page = report_html(results);
    const Json in_page = embedded_in(page);
    EXPECT_EQ(in_page["scenario"], results["scenario"]) << text;
    EXPECT_EQ(in_page["runs"], results["runs"]) << text;
    EXPECT_EQ(in_page["messages"], results["messages"]) << text;
    // Nothing but the data differs from a page without any, and there is no markup in the data.
    const std::size_t data = page.find(kDataOpens) + kDataOpens.size();
    const std::size_t end = page.find("</script>", data);
    EXPECT_EQ(page.substr(data, end - data).find('<'), std::string::npos) << text;
    EXPECT_EQ(page.substr(0, data) + "{}" + page.substr(end), bare) << text;
  }
}

TEST(SimReport, TextThatIsNotUtf8IsReplaced) {
  Json results = sample_results({});
  results["messages"][0]["name"] = "caf\xe9\xff<";
  const std::string page = report_html(results);
  EXPECT_EQ(embedded_in(page)["messages"][0]["name"], "caf\ufffd\ufffd<");
}

TEST(SimReport, ScriptsPutTextInAsText) {
  const std::string bare = bare_page();
  for (const char* forbidden :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(",
        "DOMParser", "createContextualFragment", "srcdoc", "javascript:"}) {
    EXPECT_EQ(bare.find(forbidden), std::string::npos) << forbidden;
  }
  // One script and the data.
  EXPECT_EQ(count(bare, "<script"), 2U);
  EXPECT_EQ(count(bare, "</script"), 2U);
}

TEST(SimReport, AsksTheNetworkForNothing) {
  const std::string bare = bare_page();
  for (const char* forbidden :
       {"http:",       "https:",     "'ws",     "ftp:",           "url(",
        "@import",     "@font-face", "fetch",   "XMLHttpRequest", "WebSocket",
        "EventSource", "sendBeacon", "import(", "Worker",         "<link",
        "<img",        "<iframe",    "<base",   " src=",          "href"}) {
    EXPECT_EQ(bare.find(forbidden), std::string::npos) << forbidden;
  }
  // Two slashes begin a comment, with a blank after them, and nothing else.
  EXPECT_EQ(count(bare, "//"), count(bare, "// "));
}

TEST(SimReport, ThePolicyLetsItsOwnScriptAndStyleAlone) {
  ASSERT_GE(sodium_init(), 0);
  const std::string page = report_html(sample_results({}));
  const auto source = [](const std::string& text) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    char base64[sodium_base64_ENCODED_LEN(sizeof digest, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(base64, sizeof base64, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
    return "'sha256-" + std::string(base64) + "'";
  };
  const std::string style = source(between(page, "<style>", "</style>"));
  const std::string script = source(between(page, "<script>", "</script>"));
  EXPECT_EQ(between(page, "Content-Security-Policy\" content=\"", "\""),
            "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " + style +
                "; script-src " + script);
}

TEST(SimReport, TakesWhateverIsThere) {
  for (const char* text :
       {"null", "[]", "{}", "3", R"("text")", R"({"map": null, "runs": null})", R"({"map": []})",
        R"({"map": {"positions": 3}})", R"({"map": {"positions": [null, 3, ["a", null, 1.26]]}})",
        R"({"runs": [null, {}, {"outcomes": [null]}], "spread": [{}], "messages": [7]})"}) {
    const Json results = Json::parse(text);
    Json expected = results;
    if (std::string_view(text).find("1.26") != std::string_view::npos) {
      expected["map"]["positions"][2][2] = 1.3;
    }
    EXPECT_EQ(embedded_in(report_html(results)), expected) << text;
  }
}

// Places grow with people times time; the page must not.
TEST(SimReport, TooManyPlacesBecomeFewerFrames) {
  Json frame = Json::array();
  for (int i = 0; i < 200'000; ++i) {
    frame.push_back(i % 500);
  }
  Json frames = Json::array();
  for (int i = 0; i < 21; ++i) {
    frame[0] = i;
    frames.push_back(frame);
  }
  static_assert(std::size_t{200'000} * 21 > kReportCoordinatesMax);
  const Json results = {{"map", {{"interval_s", 10}, {"positions", std::move(frames)}}}};
  const Json map = embedded_in(report_html(results))["map"];
  EXPECT_EQ(map["interval_s"], 20);
  ASSERT_EQ(map["positions"].size(), 11U);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_EQ(map["positions"][i][0], 2 * i);
  }
}

// The page is left in the build folder, to look at.
TEST(SimReport, OfAThousandPeopleForAnHourIsOfASizeThatOpens) {
  const std::string page = report_html(
      sample_results({.people = 1'000, .messages = 10'000, .frames = 360, .spread = 3}));
  const std::string path = std::string(CHASKI_BINARY_DIR) + "/sim-report-sample.html";
  std::ofstream(path, std::ios::binary) << page;
  std::printf("%s: %zu bytes, %zu of which are the page itself\n", path.c_str(), page.size(),
              bare_page().size());
  EXPECT_LT(bare_page().size(), 70'000U);
  EXPECT_LT(page.size(), 16'000'000U);
}

}  // namespace
}  // namespace chaski::tools
