// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"

namespace chaski::daemon {
namespace {

ApiResult get_whoami(ApiContext& context, const RouteInput&) {
  const auto identity = context.node.identity();
  if (!identity) return base::unexpected(person_error(node::PersonError::no_identity));
  return ApiAnswer{who_json(context.node, *identity)};
}

ApiResult post_invites(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const std::uint64_t price = body.number("price").value_or(context.invite_price);
  if (const auto error = body.finish()) return base::unexpected(*error);
  if (price > wire::kStampBitsMax) {
    return base::unexpected(person_error(node::PersonError::bad_price));
  }
  const auto link = context.node.invite(context.now, static_cast<unsigned>(price));
  if (!link) return base::unexpected(person_error(link.error()));
  return ApiAnswer{{{"link", *link}, {"price", price}}, true};
}

ApiResult get_contacts(ApiContext& context, const RouteInput&) {
  Json list = Json::array();
  for (const auto& contact : context.node.contacts()) {
    list.push_back(contact_json(context.node, contact));
  }
  return ApiAnswer{{{"contacts", std::move(list)}}};
}

ApiResult post_contacts(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto card = body.text("card", false);
  auto link = body.text("link", !card);
  const auto name = body.text("name", false);
  const bool replace = body.flag("replace");
  if (const auto error = body.finish()) return base::unexpected(*error);
  if (card && link) {
    return base::unexpected(bad_request("either link or card says whom you mean", "send one"));
  }
  if (card) {
    auto heard = context.node.heard_card(*card);
    if (!heard) return base::unexpected(person_error(heard.error()));
    link = std::move(*heard);
  }
  const auto added =
      context.node.add(*link, name.value_or(""), context.now, context.wall, replace);
  if (!added) return base::unexpected(person_error(added.error()));
  Json answer{{"contact", contact_json(context.node, added->contact)}};
  if (added->answer_link) answer["answer_link"] = *added->answer_link;
  for (Json& work : work_json(context.node)) {
    if (work["contact"] == added->contact.name) answer["work"] = std::move(work);
  }
  return ApiAnswer{std::move(answer), true};
}

ApiResult post_cancel_work(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto contact = body.text("contact", true);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto cancelled = context.node.cancel_work(*contact);
  if (!cancelled) return base::unexpected(person_error(cancelled.error()));
  return ApiAnswer{Json::object(), true};
}

ApiResult post_verify(ApiContext& context, const RouteInput& input) {
  BodyReader body(input.body);
  const auto contact = body.text("contact", true);
  const auto number = body.text("safety_number", true);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const auto verified = context.node.verify(*contact, *number);
  if (!verified) return base::unexpected(person_error(verified.error()));
  return ApiAnswer{{{"contact", contact_json(context.node, *verified)}}, true};
}

using Contact = base::Expected<node::ContactRecord, node::PersonError>;

/// Does something to the contact that the body names, and tells how they stand then.
template <class Change>
ApiResult change_contact(ApiContext& context, const RouteInput& input, Change change) {
  BodyReader body(input.body);
  const auto contact = body.text("contact", true);
  if (const auto error = body.finish()) return base::unexpected(*error);
  const Contact changed = change(*contact);
  if (!changed) return base::unexpected(person_error(changed.error()));
  return ApiAnswer{{{"contact", contact_json(context.node, *changed)}}, true};
}

ApiResult post_unverify(ApiContext& context, const RouteInput& input) {
  return change_contact(context, input, [&context](const std::string& contact) {
    return context.node.unverify(contact);
  });
}

ApiResult post_block(ApiContext& context, const RouteInput& input) {
  return change_contact(context, input, [&context](const std::string& contact) {
    return context.node.set_blocked(contact, true, context.now);
  });
}

ApiResult post_unblock(ApiContext& context, const RouteInput& input) {
  return change_contact(context, input, [&context](const std::string& contact) {
    return context.node.set_blocked(contact, false, context.now);
  });
}

ApiResult post_trust(ApiContext& context, const RouteInput& input) {
  return change_contact(context, input, [&context](const std::string& contact) {
    return context.node.accept_change(contact);
  });
}

ApiResult post_heal(ApiContext& context, const RouteInput& input) {
  return change_contact(context, input, [&context](const std::string& contact) {
    return context.node.heal(contact, context.now);
  });
}

constexpr std::array kRoutes{
    Route{"GET", "/v1/whoami", get_whoami},
    Route{"POST", "/v1/invites", post_invites, true},
    Route{"GET", "/v1/contacts", get_contacts},
    Route{"POST", "/v1/contacts", post_contacts, true},
    Route{"POST", "/v1/contacts/verify", post_verify, true},
    Route{"POST", "/v1/contacts/unverify", post_unverify, true},
    Route{"POST", "/v1/contacts/trust", post_trust, true},
    Route{"POST", "/v1/contacts/block", post_block, true},
    Route{"POST", "/v1/contacts/unblock", post_unblock, true},
    Route{"POST", "/v1/contacts/heal", post_heal, true},
    Route{"POST", "/v1/work/cancel", post_cancel_work, true},
};

}  // namespace

std::span<const Route> people_routes() { return kRoutes; }

}  // namespace chaski::daemon
