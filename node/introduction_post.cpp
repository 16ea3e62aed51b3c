// SPDX-License-Identifier: Apache-2.0
#include "node/introduction_post.hpp"

namespace chaski::node {

std::optional<PersonError> IntroductionPost::refuses(std::uint32_t contact,
                                                     mesh_router::Router& router, base::Time now,
                                                     std::vector<wire::DeliveryTag>& fresh) {
  healing_.before_writing(contact, router, now, fresh);
  return contacts_.refuses_writing(contact);
}

base::Expected<void, PersonError> IntroductionPost::say(std::uint32_t contact,
                                                        const e2ee::Introduction& step,
                                                        IntroductionWord& word,
                                                        mesh_router::Router& router,
                                                        base::Time now,
                                                        std::vector<wire::DeliveryTag>& fresh) {
  if (const auto why = refuses(contact, router, now, fresh)) return base::unexpected(*why);
  const e2ee::Content content{.kind = e2ee::ContentKind::introduction,
                              .token = {},
                              .sent_at_unix_s = context_.wall.unix_s,
                              .payload = e2ee::encode_introduction(step)};
  const auto id = messenger_.seal_and_submit(contact, content, kLifetime_s, wire::Priority::normal,
                                             router, now);
  if (!id) return base::unexpected(id.error());
  word = {.state = IntroductionWord::State::underway,
          .at = now + std::chrono::seconds(kLifetime_s),
          .envelope = *id};
  return {};
}

base::Time IntroductionPost::some_time_after(base::Time now) {
  const auto span = static_cast<std::uint64_t>((kDelayMax - kDelayMin).count());
  return now + kDelayMin + base::Duration(static_cast<std::int64_t>(context_.random.below(span)));
}

}  // namespace chaski::node
