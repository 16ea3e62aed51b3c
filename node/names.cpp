// SPDX-License-Identifier: Apache-2.0
#include "node/node.hpp"

namespace chaski::node {

const char* to_string(MessageState state) {
  switch (state) {
    case MessageState::accepted:
      return "accepted";
    case MessageState::custody:
      return "custody";
    case MessageState::delivered:
      return "delivered";
    case MessageState::expired:
      return "expired";
    case MessageState::received:
      return "received";
    case MessageState::read:
      return "read";
    case MessageState::deleted:
      return "deleted";
  }
  return "unknown";
}

const char* to_string(Trust trust) {
  switch (trust) {
    case Trust::unverified:
      return "unverified";
    case Trust::verified:
      return "verified";
    case Trust::changed:
      return "changed";
  }
  return "unknown";
}

const char* to_string(Met met) {
  switch (met) {
    case Met::invitation:
      return "invitation";
    case Met::card:
      return "card";
    case Met::introduction:
      return "introduction";
  }
  return "unknown";
}

const char* to_string(CardPublished published) {
  switch (published) {
    case CardPublished::no:
      return "no";
    case CardPublished::working:
      return "working";
    case CardPublished::yes:
      return "yes";
  }
  return "unknown";
}

const char* to_string(PersonError error) {
  switch (error) {
    case PersonError::locked:
      return "locked";
    case PersonError::no_identity:
      return "no_identity";
    case PersonError::identity_exists:
      return "identity_exists";
    case PersonError::bad_name:
      return "bad_name";
    case PersonError::name_taken:
      return "name_taken";
    case PersonError::unknown_contact:
      return "unknown_contact";
    case PersonError::contact_exists:
      return "contact_exists";
    case PersonError::contact_changed:
      return "contact_changed";
    case PersonError::contact_blocked:
      return "contact_blocked";
    case PersonError::unknown_message:
      return "unknown_message";
    case PersonError::bad_reaction:
      return "bad_reaction";
    case PersonError::not_yours:
      return "not_yours";
    case PersonError::number_differs:
      return "number_differs";
    case PersonError::needs_meeting:
      return "needs_meeting";
    case PersonError::bad_link:
      return "bad_link";
    case PersonError::damaged_link:
      return "damaged_link";
    case PersonError::newer_link:
      return "newer_link";
    case PersonError::own_link:
      return "own_link";
    case PersonError::forged_card:
      return "forged_card";
    case PersonError::card_expired:
      return "card_expired";
    case PersonError::bad_card_price:
      return "bad_card_price";
    case PersonError::bad_card_days:
      return "bad_card_days";
    case PersonError::too_many_cards:
      return "too_many_cards";
    case PersonError::unknown_card:
      return "unknown_card";
    case PersonError::bad_clock:
      return "bad_clock";
    case PersonError::unknown_invite:
      return "unknown_invite";
    case PersonError::text_too_long:
      return "text_too_long";
    case PersonError::empty_text:
      return "empty_text";
    case PersonError::bad_lifetime:
      return "bad_lifetime";
    case PersonError::store_full:
      return "store_full";
    case PersonError::bad_price:
      return "bad_price";
    case PersonError::no_work:
      return "no_work";
    case PersonError::no_pairing:
      return "no_pairing";
    case PersonError::unknown_peer:
      return "unknown_peer";
    case PersonError::words_differ:
      return "words_differ";
    case PersonError::bad_file_name:
      return "bad_file_name";
    case PersonError::file_too_large:
      return "file_too_large";
    case PersonError::no_room_for_file:
      return "no_room_for_file";
    case PersonError::file_incomplete:
      return "file_incomplete";
    case PersonError::unknown_file:
      return "unknown_file";
    case PersonError::file_not_here:
      return "file_not_here";
    case PersonError::same_contact:
      return "same_contact";
    case PersonError::bad_note:
      return "bad_note";
    case PersonError::introduction_open:
      return "introduction_open";
    case PersonError::too_many_introductions:
      return "too_many_introductions";
    case PersonError::unknown_introduction:
      return "unknown_introduction";
    case PersonError::introduction_over:
      return "introduction_over";
  }
  return "unknown";
}

const char* to_string(e2ee::ContentKind kind) {
  switch (kind) {
    case e2ee::ContentKind::text:
      return "text";
    case e2ee::ContentKind::reaction:
      return "reaction";
    case e2ee::ContentKind::deletion:
      return "deletion";
    case e2ee::ContentKind::read:
      return "read";
    case e2ee::ContentKind::profile:
      return "profile";
    case e2ee::ContentKind::file:
      return "file";
    case e2ee::ContentKind::prekeys:
      return "prekeys";
    case e2ee::ContentKind::introduction:
      return "introduction";
  }
  return "unknown";
}

MessageRecord erased(const MessageRecord& message) {
  return {.id = message.id,
          .contact = message.contact,
          .direction = message.direction,
          .state = MessageState::deleted,
          .kind = message.kind,
          .envelope = {},
          .about = {},
          .text = {},
          .disappears_after_s = message.disappears_after_s};
}

}  // namespace chaski::node
