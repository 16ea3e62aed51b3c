// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mesh-router/short_id.hpp"
#include "reconcile/exchange.hpp"
#include "reconcile/gap_code.hpp"
#include "reconcile/items.hpp"
#include "reconcile/short_id_set.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "tools/vectors/short_id_hex.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::ByteView;
using reconcile::Exchange;
using reconcile::Role;
using reconcile::ShortId;
using ShortIds = std::vector<ShortId>;

constexpr std::size_t kFrame = 225;

Vector naming(const mesh_router::ShortIdSalt& salt, const wire::EnvelopeId& id) {
  return {"short-id",
          "an envelope's id and its name in one link session",
          {{"salt", base::to_hex(salt.view())},
           {"id", base::to_hex(id.view())},
           {"short_id", short_id_hex(mesh_router::short_id(salt, id))}},
          {}};
}

/// The sketch of `count` given ids, one syndrome a piece.
Vector sketch(const std::string& name, const std::string& what, const ShortIds& ids) {
  std::vector<reconcile::Element> sums(4);
  reconcile::add_power_sums(ids, 0, sums);
  Vector vector{name, what, nlohmann::ordered_json::object(), {}};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    vector.fields["id " + std::to_string(i + 1)] = short_id_hex(ids[i]);
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    Bytes bytes(reconcile::kSyndromeSize);
    reconcile::write_syndromes(std::span(&sums[i], 1), bytes);
    const std::string power = std::to_string(2 * i + 1);
    vector.pieces.push_back({bytes, "sum of the powers " + power});
  }
  return vector;
}

void settle(Exchange& exchange) {
  while (exchange.work()) {
  }
}

Bytes next_message(Exchange& exchange) {
  settle(exchange);
  Bytes message(kFrame);
  message.resize(exchange.write(message));
  return message;
}

/// Two sides in the middle of a meeting, and what they say to each other.
struct Meeting {
  Exchange teller{Role::teller};
  Exchange solver{Role::solver};
  Bytes teller_opener, solver_opener, first_answer;
  Bytes items, answers, more, more_answers;

  Meeting(const ShortIds& ours, const ShortIds& theirs) {
    for (const ShortId id : ours) teller.add(id);
    for (const ShortId id : theirs) solver.add(id);
    teller.start();
    solver.start();
    teller_opener = next_message(teller);
    solver_opener = next_message(solver);
    (void)teller.receive(solver_opener);
    (void)solver.receive(teller_opener);
    first_answer = next_message(solver);
    if (!first_answer.empty()) (void)teller.receive(first_answer);
    drain(teller, solver, items);
    drain(solver, teller, answers);
    drain(teller, solver, more);
    drain(solver, teller, more_answers);
    settle(teller);
  }
  static void drain(Exchange& from, Exchange& to, Bytes& all) {
    for (Bytes message = next_message(from); !message.empty(); message = next_message(from)) {
      all.insert(all.end(), message.begin(), message.end());
      (void)to.receive(message);
    }
  }
};

std::vector<Piece> opener_pieces(const Bytes& opener, Role role) {
  ByteView rest(opener);
  std::vector<Piece> pieces{cut(rest, 3, "count = " + std::to_string(opener[0]))};
  const bool lists = opener[0] <= 36;
  const std::size_t elements = lists ? opener[0] : role == Role::teller ? 36 : 5;
  pieces.push_back(cut(rest, elements * reconcile::kSyndromeSize,
                       std::to_string(elements) + (lists ? " ids" : " syndromes")));
  if (!rest.empty()) pieces.push_back(cut(rest, rest.size(), "counters"));
  return pieces;
}

nlohmann::ordered_json hex_list(const ShortIds& ids) {
  auto list = nlohmann::ordered_json::array();
  for (const ShortId id : ids) list.push_back(short_id_hex(id));
  return list;
}

/// Sets of ids that come from a counter, so that whoever reads this can make them.
ShortIds counted(const mesh_router::ShortIdSalt& salt, unsigned first, unsigned last) {
  ShortIds ids;
  for (unsigned number = first; number < last; ++number) {
    wire::EnvelopeId id;
    id.bytes[14] = static_cast<std::uint8_t>(number >> 8);
    id.bytes[15] = static_cast<std::uint8_t>(number);
    ids.push_back(mesh_router::short_id(salt, id));
  }
  return ids;
}

Vector answer(const Meeting& meeting) {
  ByteView rest(meeting.first_answer);
  const unsigned ranks = meeting.first_answer[0] - 1u;
  const std::string low_bits =
      std::to_string(reconcile::gap_bits(ranks, meeting.teller.counts().ours));
  std::vector<Piece> pieces{cut(rest, 1, "solved: " + std::to_string(ranks) + " ranks, plus 1")};
  pieces.push_back(cut(rest, rest.size(), "their gaps, low bits = " + low_bits));
  return {"answer", "the solver's answer to that opener: which of the teller's ids it lacks",
          {{"teller lacks", meeting.solver.counts().they_lack},
           {"solver lacks", meeting.teller.counts().they_lack}},
          pieces};
}

Vector gaps() {
  const std::vector<std::uint64_t> values{3, 17, 18, 60};
  Bytes bytes;
  reconcile::write_gaps(values, 100, bytes);
  return {"gaps", "the numbers 3, 17, 18 and 60 below 100: gaps of 3, 13, 0 and 41",
          {{"low bits", reconcile::gap_bits(values.size(), 100)}},
          {{bytes, "bits 01100, 01011, 00000, 1101001 and a zero"}}};
}

Vector list(const ShortIds& ids) {
  ShortIds sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  Bytes body;
  reconcile::write_gaps(sorted, reconcile::IdRange{}.high, body);
  return {"list", "an item: the oldest unsolved partition, which is everything, has these ids",
          {{"ids", hex_list(sorted)},
           {"low bits", reconcile::gap_bits(sorted.size(), reconcile::IdRange{}.high)}},
          {{{reconcile::kItemOldest}, "the oldest unsolved partition"},
           {{reconcile::kItemList}, "a list"},
           {{static_cast<std::uint8_t>(sorted.size())}, "ids"},
           {body, "their gaps"}}};
}

Vector extension(const Meeting& meeting) {
  ByteView rest(meeting.items);
  const std::size_t capacity = meeting.items[1];
  std::vector<Piece> pieces{cut(rest, 1, "the oldest unsolved partition")};
  pieces.push_back(cut(rest, 1, "capacity = " + std::to_string(capacity)));
  pieces.push_back(cut(rest, 6 * (capacity - 36), "syndromes 36 to " +
                                                      std::to_string(capacity - 1)));
  return {"extension", "60 ids differ: the teller goes on where its opener ended",
          {{"first answer", base::to_hex(meeting.first_answer)},
           {"teller lacks", meeting.solver.counts().they_lack},
           {"solver lacks", meeting.teller.counts().they_lack}},
          pieces};
}

std::string number(std::size_t value) { return std::to_string(value); }

/// Which of a group's sums the bytes hold that follow its head.
void add_rows(ByteView& rest, ByteView lengths, ByteView before, std::size_t base,
              std::vector<Piece>& pieces) {
  for (std::size_t row = 0; row < lengths.size(); ++row) {
    const std::size_t first = row < before.size() ? before[row] : 0;
    pieces.push_back(cut(rest, 6 * (lengths[row] - first),
                         "row " + number(row) + ": syndromes " + number(base + first) + " to " +
                             number(base + lengths[row] - 1)));
  }
}

Vector group(const Meeting& meeting) {
  ByteView rest(meeting.items);
  std::vector<Piece> pieces{cut(rest, 1, "the oldest unsolved partition")};
  pieces.push_back(cut(rest, 1, "a split"));
  pieces.push_back(cut(rest, 1, "parts = " + number(rest[0])));
  pieces.push_back(cut(rest, 1, "a group"));
  const std::size_t parts = rest[0];
  const std::size_t base = rest[1];
  const ByteView lengths = rest.subspan(3, rest[2]);
  pieces.push_back(cut(rest, 1, "parts = " + number(parts)));
  pieces.push_back(cut(rest, 1, "base = " + number(base)));
  pieces.push_back(cut(rest, 1, "rows = " + number(lengths.size())));
  pieces.push_back(cut(rest, lengths.size(), "their lengths"));
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t known = part + 1 == parts ? 36 : 0;
    pieces.push_back(cut(rest, 6 * (base - known), "part " + number(part) + ": syndromes " +
                                                       number(known) + " to " + number(base - 1)));
  }
  add_rows(rest, lengths, {}, base, pieces);
  return {"group",
          "280 ids differ: the teller splits, tells a group, and begins its last part at 36",
          {{"answers", base::to_hex(meeting.answers)}},
          pieces};
}

/// The second round of the same meeting.
Vector more(const Meeting& meeting) {
  ByteView rest(meeting.more);
  const ByteView told = ByteView(meeting.items).subspan(3);
  const ByteView before = told.subspan(4, told[3]);
  const ByteView lengths = rest.subspan(2, rest[1]);
  std::vector<Piece> pieces{cut(rest, 1, "more of the oldest open group")};
  pieces.push_back(cut(rest, 1, "rows = " + number(lengths.size())));
  pieces.push_back(cut(rest, lengths.size(), "their lengths"));
  add_rows(rest, lengths, before, told[2], pieces);
  return {"more",
          "the group that was answered 000000 gets longer rows",
          {{"answers", base::to_hex(meeting.more_answers)},
           {"teller lacks", meeting.solver.counts().they_lack},
           {"solver lacks", meeting.teller.counts().they_lack}},
          pieces};
}

}  // namespace

Page reconcile_vectors(base::Random& random) {
  const auto salt = random.bytes<mesh_router::ShortIdSalt>();
  const auto id = random.bytes<wire::EnvelopeId>();
  const ShortIds three = counted(salt, 0, 3);
  const Meeting small(counted(salt, 0, 3), counted(salt, 1, 5));
  const Meeting middle(counted(salt, 0, 50), counted(salt, 8, 58));
  const Meeting large(counted(salt, 0, 230), counted(salt, 30, 260));
  const Meeting larger(counted(salt, 1000, 1900), counted(salt, 1140, 2040));
  Page page;
  page.vectors = {naming(salt, id),
                  sketch("sketch-2", "a sketch of the ids 2 and 3", {2, 3}),
                  sketch("sketch", "a sketch of three ids", three),
                  {"opener-list", "the opener of a set of three ids",
                   {{"ids", hex_list(three)}}, opener_pieces(small.teller_opener, Role::teller)},
                  {"opener-teller", "the opener of a teller with 50 ids", {},
                   opener_pieces(middle.teller_opener, Role::teller)},
                  {"opener-solver", "the opener of a solver with 50 ids, 42 of them the same", {},
                   opener_pieces(middle.solver_opener, Role::solver)},
                  answer(middle),
                  gaps(),
                  list(three),
                  extension(large),
                  group(larger),
                  more(larger)};
  return page;
}

}  // namespace chaski::vectors
