// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/reconcile_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>

#include "base/hex.hpp"
#include "mesh-router/short_id.hpp"
#include "reconcile/sketch.hpp"
#include "tools/vectors/short_id_hex.hpp"

namespace chaski::vectors {

namespace {

using Json = nlohmann::ordered_json;
using mesh_router::ShortIdSalt;
using reconcile::ShortId;
using Ids = std::vector<wire::EnvelopeId>;

template <class T>
std::optional<T> parse(const std::string& hex) {
  const auto bytes = base::from_hex(hex);
  return bytes ? T::from(*bytes) : std::nullopt;
}

/// Ids from a file or from the argument itself; nothing when one of them is not an id.
std::optional<Ids> read_ids(const std::string& argument) {
  std::string text = argument;
  std::error_code no_file;  // a long list is no name of a file either
  if (std::filesystem::is_regular_file(argument, no_file)) {
    std::ifstream in(argument);
    text.assign(std::istreambuf_iterator<char>(in), {});
  }
  std::replace_if(text.begin(), text.end(), [](char c) { return c == ',' || c == '\r'; }, ' ');
  std::istringstream words(text);
  Ids ids;
  for (std::string word; words >> word;) {
    const auto id = parse<wire::EnvelopeId>(word);
    if (!id) return std::nullopt;
    ids.push_back(*id);
  }
  return ids;
}

struct Side {
  std::map<ShortId, wire::EnvelopeId> ids;
  std::vector<reconcile::Element> sketch;
  Json listed = Json::array();

  Side(const ShortIdSalt& salt, const Ids& added, std::size_t capacity) : sketch(capacity) {
    std::vector<ShortId> short_ids;
    for (const auto& id : added) {
      short_ids.push_back(mesh_router::short_id(salt, id));
      ids[short_ids.back()] = id;
      listed.push_back({{"id", base::to_hex(id.view())},
                        {"short_id", short_id_hex(short_ids.back())}});
    }
    reconcile::add_power_sums(short_ids, 0, sketch);
  }
};

std::string sketch_hex(const std::vector<reconcile::Element>& syndromes) {
  base::Bytes bytes(syndromes.size() * reconcile::kSyndromeSize);
  reconcile::write_syndromes(syndromes, bytes);
  return base::to_hex(bytes);
}

/// Short ids of a difference, each with its id and whose it is.
Json named(const std::vector<ShortId>& difference, const Side& ours, const Side& theirs) {
  Json out = Json::array();
  for (const ShortId short_id : difference) {
    Json entry = {{"short_id", short_id_hex(short_id)}};
    for (const auto& [whose, side] : {std::pair{"ours", &ours}, std::pair{"theirs", &theirs}}) {
      const auto found = side->ids.find(short_id);
      if (found == side->ids.end()) continue;
      entry["id"] = base::to_hex(found->second.view());
      entry["only"] = whose;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

}  // namespace

void ReconcileCommand::add_options(CLI::App& command) {
  options_.push_back(command.add_option("--ours", ours_, "ids, or a file with one a line"));
  options_.push_back(command.add_option("--theirs", theirs_, "the same of the other side"));
  options_.push_back(command.add_option("--salt", salt_, "16 bytes in hexadecimal"));
  command.add_option("--capacity", capacity_, "syndromes of each sketch")
      ->check(CLI::Range(std::size_t{1}, reconcile::kCapacityMax))
      ->capture_default_str();
  for (CLI::Option* option : options_) {
    for (CLI::Option* other : options_) {
      if (option != other) option->needs(other);
    }
  }
}

int ReconcileCommand::run() const {
  const auto salt = parse<ShortIdSalt>(salt_);
  const auto our_ids = read_ids(ours_);
  const auto their_ids = read_ids(theirs_);
  if (!salt || !our_ids || !their_ids) {
    std::cerr << "chaski-vectors: " << (salt ? "an id" : "the salt")
              << " is not 16 bytes in hexadecimal\n";
    return 2;
  }
  const Side ours(*salt, *our_ids, capacity_);
  const Side theirs(*salt, *their_ids, capacity_);
  std::vector<reconcile::Element> sum = ours.sketch;
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= theirs.sketch[i];
  const auto difference = reconcile::decode(sum);
  Json out = {{"salt", base::to_hex(salt->view())},
              {"capacity", capacity_},
              {"ours", ours.listed},
              {"theirs", theirs.listed},
              {"our_sketch", sketch_hex(ours.sketch)},
              {"their_sketch", sketch_hex(theirs.sketch)},
              {"difference_sketch", sketch_hex(sum)},
              {"solved", difference.has_value()}};
  if (difference) out["difference"] = named(*difference, ours, theirs);
  std::cout << out.dump(2) << '\n';
  return 0;
}

}  // namespace chaski::vectors
