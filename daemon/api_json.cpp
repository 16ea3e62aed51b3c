// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_json.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "daemon/api_files.hpp"
#include "daemon/api_introductions.hpp"

namespace chaski::daemon {

using node::PersonError;

std::string contact_name(const node::Node& node, const e2ee::PersonId& id) {
  for (const node::ContactRecord& contact : node.contacts()) {
    if (contact.id == id) return contact.name;
  }
  return base::short_hex(id.view());
}

const char* transport_name(base::TransportKind kind) {
  switch (kind) {
    case base::TransportKind::file: return "file";
    case base::TransportKind::serial: return "serial";
    case base::TransportKind::ble: return "ble";
    case base::TransportKind::lan: return "lan";
  }
  return "unknown";
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json who_json(const node::Node& node, const e2ee::IdentityPublic& identity) {
  base::Bytes both(identity.agreement.bytes.begin(), identity.agreement.bytes.end());
  both.insert(both.end(), identity.signing.bytes.begin(), identity.signing.bytes.end());
  return {{"name", node.own_name()},
          {"identity", base::to_hex(both)},
          {"fingerprint", e2ee::fingerprint(identity)}};
}

Json contact_json(const node::Node& node, const node::ContactRecord& contact) {
  const auto own = node.identity();
  Json json{{"id", base::to_hex(contact.id.view())},
            {"name", contact.name},
            {"fingerprint", e2ee::fingerprint(contact.identity)},
            {"safety_number", own ? e2ee::safety_number(*own, contact.identity) : std::string()},
            {"trust", node::to_string(contact.trust)},
            {"blocked", contact.blocked},
            {"met", node::to_string(contact.met)},
            {"own_name", contact.own_name},
            {"added_unix_s", contact.added_unix_s},
            {"needs_meeting", contact.needs_meeting},
            {"session",
             {{"sessions", contact.sessions},
              {"standing", contact.standing},
              {"renewed_unix_s", contact.renewed_unix_s}}}};
  if (contact.met == node::Met::introduction)
    json["introduced_by"] = contact_name(node, contact.introduced_by);
  return json;
}

Json message_json(const node::Node& node, const node::MessageRecord& m, TextInJson text) {
  const bool incoming = m.direction == node::Direction::incoming;
  Json json{{"id", m.id},
            {"contact", contact_name(node, m.contact)},
            {"direction", incoming ? "in" : "out"},
            {"kind", node::to_string(m.kind)},
            {"state", node::to_string(m.state)},
            {"envelope", base::to_hex(m.envelope.view())},
            {"sent_unix_s", m.sent_unix_s},
            {"lifetime_s", m.lifetime_s}};
  if (text == TextInJson::yes) json["text"] = m.text;
  if (incoming) {
    json["received_unix_s"] = m.received_unix_s;
    json["age_s"] = m.age_ms / 1'000;
  }
  if (m.delivered_unix_s != 0) json["delivered_unix_s"] = m.delivered_unix_s;
  if (m.read_unix_s != 0) json["read_unix_s"] = m.read_unix_s;
  if (m.about) json["about"] = base::to_hex(m.about->view());
  if (m.disappears_after_s != 0) json["disappears_after_s"] = m.disappears_after_s;
  return json;
}

Json error_json(const ApiError& error) {
  return {{"error",
           {{"code", error.code}, {"message", error.message}, {"mend", error.mend}}}};
}

std::optional<Json> event_json(const node::Node& node, node::PeopleStore& people,
                               const node::NodeEvent& event, base::Time now) {
  if (const auto* changed = std::get_if<node::MessageChanged>(&event)) {
    const auto message = people.find_message(changed->message);
    if (!message) return std::nullopt;
    return Json{{"event", "message"}, {"message", message_json(node, *message)}};
  }
  if (const auto* changed = std::get_if<node::FileChanged>(&event)) {
    const auto file = node.find_file(changed->message);
    if (!file) return std::nullopt;
    return Json{{"event", "file"}, {"file", file_json(node, *file, now)}};
  }
  if (const auto* added = std::get_if<node::ContactChanged>(&event)) {
    return Json{{"event", "contact"}, {"contact", contact_json(node, added->contact)}};
  }
  if (std::holds_alternative<node::PairingChanged>(event)) return Json{{"event", "pairing"}};
  if (const auto* changed = std::get_if<node::IntroductionChanged>(&event)) {
    auto shown = introduction_json(node, changed->number, now);
    if (!shown) return std::nullopt;
    return Json{{"event", "introduction"}, {"introduction", std::move(*shown)}};
  }
  if (const auto* renewed = std::get_if<node::SessionRenewed>(&event)) {
    const auto shown = node.find_contact(renewed->contact.name);
    return Json{{"event", "session"},
                {"renewed_by", renewed->by_us ? "us" : "them"},
                {"contact", contact_json(node, shown ? *shown : renewed->contact)}};
  }
  if (const auto* up = std::get_if<node::NeighbourUp>(&event)) {
    return Json{{"event", "neighbour"},
                {"up", true},
                {"id", base::short_hex(up->neighbour.view())},
                {"transport", transport_name(up->transport)}};
  }
  if (const auto* down = std::get_if<node::NeighbourDown>(&event)) {
    return Json{{"event", "neighbour"},
                {"up", false},
                {"id", base::short_hex(down->neighbour.view())},
                {"transport", "lan"}};
  }
  return std::nullopt;
}

Json work_json(const node::Node& node) {
  Json list = Json::array();
  for (const node::WorkInfo& work : node.work()) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(work.left).count();
    list.push_back({{"contact", work.contact},
                    {"price", work.price_bits},
                    {"hashes", work.hashes_done},
                    {"hashes_expected", work.hashes_expected},
                    {"left_s", left}});
  }
  return list;
}

ApiError bad_request(std::string message, std::string mend) {
  return {400, "bad_request", std::move(message), std::move(mend)};
}

ApiError store_refuses() {
  return {503, "store_full", "the disk refuses to be written",
          "free some space on the disk of the data folder"};
}

ApiError person_error(PersonError error) {
  switch (error) {
    case PersonError::locked:
      return {403, "locked", "this node is locked", "run `chaski unlock` first"};
    case PersonError::no_identity:
      return {409, "no_identity", "this node has no person yet", "run `chaski init <name>` first"};
    case PersonError::identity_exists:
      return {409, "identity_exists", "this node has a person already",
              "see who with `chaski whoami`"};
    case PersonError::bad_name:
      return {400, "bad_name", "this name cannot be used",
              "choose 1 to 32 bytes of text without line breaks"};
    case PersonError::name_taken:
      return {409, "name_taken", "another contact has this name", "choose another name"};
    case PersonError::unknown_contact:
      return {404, "unknown_contact", "there is no contact of this name",
              "see the names with `chaski contacts`"};
    case PersonError::contact_exists:
      return {409, "contact_exists", "this person is a contact already",
              "see them with `chaski contacts`"};
    case PersonError::contact_changed:
      return {409, "contact_changed", "the identity of this contact changed",
              "compare safety numbers with `chaski verify`, or write to them all the same after "
              "`chaski trust`"};
    case PersonError::contact_blocked:
      return {409, "contact_blocked", "you blocked this contact", "run `chaski unblock` first"};
    case PersonError::unknown_message:
      return {404, "unknown_message",
              "there is no message of this number, or nothing is left of it",
              "see the numbers with `chaski messages`"};
    case PersonError::not_yours:
      return {409, "not_yours", "only who wrote a message can take it back",
              "delete it here alone with `chaski delete --here`"};
    case PersonError::bad_reaction:
      return {400, "bad_reaction", "this is no reaction", "give one picture or a few characters"};
    case PersonError::number_differs:
      return {409, "number_differs", "the two safety numbers are not the same",
              "compare once more; if they differ still, somebody sits between you: meet and invite "
              "again"};
    case PersonError::needs_meeting:
      return {409, "needs_meeting",
              "you have to meet this contact again: there is nothing left to begin a session with",
              "type `chaski invite`, or `chaski add` with their link"};
    case PersonError::bad_link:
      return {400, "bad_link", "this is no chaski link",
              "paste the whole link, from chaski: to its end"};
    case PersonError::damaged_link:
      return {400, "damaged_link", "this link is damaged", "paste it again or scan the code anew"};
    case PersonError::newer_link:
      return {400, "newer_link", "this link was made by a newer version", "update chaski"};
    case PersonError::own_link:
      return {400, "own_link", "this link is your own", "give it to the other person"};
    case PersonError::unknown_invite:
      return {404, "unknown_invite", "this answers an invitation that is not known here",
              "invite again with `chaski invite`"};
    case PersonError::forged_card:
      return {400, "forged_card", "this card was not signed by who it names",
              "do not use it: ask the person for their card in another way"};
    case PersonError::card_expired:
      return {409, "card_expired", "the time of this card is over",
              "ask for a new one; if it should be good still, look at the clock of this machine"};
    case PersonError::bad_card_price:
      return {400, "bad_card_price", "a card cannot have this price",
              "choose 16 to 24 bits: anybody may have it, and each answer must cost work"};
    case PersonError::bad_card_days:
      return {400, "bad_card_days", "a card cannot be good for so long",
              "choose 1 to 90 days"};
    case PersonError::too_many_cards:
      return {409, "too_many_cards", "too many cards are out there and good still",
              "give the last one again with `chaski card`, or take all back with "
              "`chaski card --withdraw`"};
    case PersonError::unknown_card:
      return {404, "unknown_card", "no card of this fingerprint was heard",
              "see those that were with `chaski cards`"};
    case PersonError::bad_clock:
      return {409, "bad_clock", "the clock of this machine cannot be right",
              "set it, then make the card: others would take it for one that is over"};
    case PersonError::text_too_long:
      return {413, "text_too_long", "the text is too long", "send it in parts of up to 64 KiB"};
    case PersonError::empty_text:
      return {400, "empty_text", "there is no text", "write something"};
    case PersonError::bad_lifetime:
      return {400, "bad_lifetime", "this lifetime is not possible",
              "choose 1 second to 14 days"};
    case PersonError::store_full:
      return {503, "store_full", "the store is full",
              "free some space, or raise store.quota_bytes"};
    case PersonError::bad_price:
      return {400, "bad_price", "nobody may be asked for that much work",
              "choose a price of 0 to 24 bits"};
    case PersonError::no_work:
      return {404, "no_work", "no answer to this contact waits for its stamp",
              "see what is worked for with `chaski status`"};
    case PersonError::no_pairing:
      return {409, "no_pairing", "this node does not pair now",
              "type `chaski pair`, both of you within two minutes"};
    case PersonError::unknown_peer:
      return {404, "unknown_peer", "there is nobody to confirm under this number any more",
              "type `chaski pair` again, both of you"};
    case PersonError::words_differ:
      return {409, "words_differ", "nobody near shows these six words",
              "compare once more; if they differ still, somebody sits between you: cancel, and "
              "invite each other by a code instead"};
    case PersonError::bad_file_name:
      return {400, "bad_file_name", "this name or media type of a file cannot travel",
              "name it in 128 bytes without / \\ : and no dot at its start"};
    case PersonError::file_too_large:
      return {413, "file_too_large", "the file is too large", "send at most 1 TiB"};
    case PersonError::no_room_for_file:
      return {503, "no_room_for_file", "there is no room for the file in the data folder",
              "remove files with `chaski files --remove`, free space on the disk, or raise "
              "store.files_quota_bytes"};
    case PersonError::file_incomplete:
      return {409, "file_incomplete", "the file did not come whole, or the disk refused it",
              "send it again"};
    case PersonError::unknown_file:
      return {404, "unknown_file", "no file came or went with a message of this number",
              "see the numbers with `chaski files`"};
    case PersonError::file_not_here:
      return {409, "file_not_here", "this file is not here, or not all of it yet",
              "see how far it is with `chaski files`"};
    case PersonError::same_contact:
      return {400, "same_contact", "both are the same contact", "name two of your contacts"};
    case PersonError::bad_note:
      return {400, "bad_note", "this note cannot travel",
              "write at most 200 bytes on one line"};
    case PersonError::introduction_open:
      return {409, "introduction_open", "these two were asked already",
              "see what they said with `chaski introductions`"};
    case PersonError::too_many_introductions:
      return {409, "too_many_introductions", "too many introductions of yours wait for an answer",
              "wait until some are answered, or lapse after 28 days"};
    case PersonError::unknown_introduction:
      return {404, "unknown_introduction", "there is no introduction of this number",
              "see the numbers with `chaski introductions`"};
    case PersonError::introduction_over:
      return {409, "introduction_over", "there is nothing more to say to this introduction",
              "see where it stands with `chaski introductions`"};
  }
  return {400, "refused", "the node refused", "see `chaski status`"};
}

}  // namespace chaski::daemon
