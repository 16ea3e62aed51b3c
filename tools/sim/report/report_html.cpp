// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/report/report_html.hpp"

#include <sodium.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/sim/report/page_parts.hpp"

namespace chaski::tools {
namespace {

using Json = nlohmann::json;

constexpr double kPlaceStep = 0.1;  // metres

/// What a Content-Security-Policy calls this inline script or style: 'sha256-...'.
std::string policy_source(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  std::array<char,
             sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)>
      base64{};
  sodium_bin2base64(base64.data(), base64.size(), digest.data(), digest.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return "'sha256-" + std::string(base64.data()) + "'";
}

/// The scripts in a scope of their own.
std::string whole_script() {
  std::string out = "(() => {\n'use strict';\n";
  for (const std::string_view part : report_scripts()) {
    out += part;
  }
  return out + "})();\n";
}

std::size_t coordinates(const Json& frames) {
  std::size_t sum = 0;
  for (const Json& frame : frames) {
    sum += frame.size();
  }
  return sum;
}

Json rounded(const Json& frame) {
  if (!frame.is_array()) {
    return frame;
  }
  Json out = Json::array();
  for (const Json& value : frame) {
    out.push_back(value.is_number() ? Json(std::round(value.get<double>() / kPlaceStep) /
                                           std::round(1 / kPlaceStep))
                                    : value);
  }
  return out;
}

/// Fewer digits and frames, so that the page stays one that a browser opens at once.
void make_small(Json& map) {
  if (!map.is_object() || !map.contains("positions") || !map["positions"].is_array()) {
    return;
  }
  Json frames = std::move(map["positions"]);
  const std::size_t each =
      (coordinates(frames) + kReportCoordinatesMax - 1) / kReportCoordinatesMax;
  const std::size_t step = each == 0 ? 1 : each;
  Json kept = Json::array();
  for (std::size_t i = 0; i < frames.size(); i += step) {
    kept.push_back(rounded(frames[i]));
  }
  map["positions"] = std::move(kept);
  const auto interval = map.find("interval_s");
  if (step > 1 && interval != map.end() && interval->is_number()) {
    *interval = interval->get<double>() * static_cast<double>(step);
  }
}

/// JSON in which nothing ends, or opens, an element or a comment: `<` occurs in strings alone.
std::string embedded(const Json& results) {
  const std::string text = results.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (const char c : text) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

/// `page` with each `{{name}}` replaced; what is put in is not looked at again.
template <std::size_t kCount>
std::string filled(std::string_view page,
                   const std::array<std::pair<std::string_view, std::string>, kCount>& values) {
  std::string out;
  while (true) {
    const std::size_t open = page.find("{{");
    out += page.substr(0, open);
    if (open == std::string_view::npos) {
      return out;
    }
    const std::size_t close = page.find("}}", open);
    const std::string_view name = page.substr(open + 2, close - open - 2);
    for (const auto& [known, value] : values) {
      if (known == name) {
        out += value;
      }
    }
    page.remove_prefix(close + 2);
  }
}

}  // namespace

std::string report_html(const nlohmann::json& results) {
  Json shown = results;
  if (shown.is_object() && shown.contains("map")) {
    make_small(shown["map"]);
  }
  const std::string script = whole_script();
  const std::string style(report_style());
  const std::string policy = "default-src 'none'; base-uri 'none'; form-action 'none'; style-src " +
                             policy_source(style) + "; script-src " + policy_source(script);
  using Value = std::pair<std::string_view, std::string>;
  return filled(report_page(),
                std::array{Value{"policy", policy}, Value{"style", style},
                           Value{"results", embedded(shown)}, Value{"script", script}});
}

}  // namespace chaski::tools
