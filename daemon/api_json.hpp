// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/api_types.hpp"

namespace chaski::daemon {

/// One line of JSON; bytes that are no UTF-8 (a neighbour may have sent them) are replaced.
std::string dump(const Json& json);

/// What the person calls them; the start of their id when they are no contact.
std::string contact_name(const node::Node& node, const e2ee::PersonId& id);

const char* transport_name(base::TransportKind kind);
/// The person themselves.
Json who_json(const node::Node& node, const e2ee::IdentityPublic& identity);
Json contact_json(const node::Node& node, const node::ContactRecord& contact);
enum class TextInJson : std::uint8_t { yes, no };
Json message_json(const node::Node& node, const node::MessageRecord& message,
                  TextInJson text = TextInJson::yes);
Json error_json(const ApiError& error);
/// What listeners are told of it; nothing when it is none of their business.
std::optional<Json> event_json(const node::Node& node, node::PeopleStore& people,
                               const node::NodeEvent& event,
                               base::Time now);

/// Answers that wait for their stamps.
Json work_json(const node::Node& node);

/// What went wrong, in plain words and with its mend.
ApiError person_error(node::PersonError error);
ApiError bad_request(std::string message, std::string mend);
ApiError store_refuses();

}  // namespace chaski::daemon
