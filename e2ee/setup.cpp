// SPDX-License-Identifier: Apache-2.0
#include "e2ee/setup.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/tag_chain.hpp"

namespace chaski::e2ee {

wire::DeliveryTag answer_tag_of(const RendezvousSecret& rendezvous) {
  Secret<struct AnswerTagRole> full;
  hash(full.mutable_view(), label::kAnswerTag, rendezvous.view(), {});
  return tag_from(full.view().first(wire::DeliveryTag::kSize));
}

EphemeralPublicKey mask(const RendezvousSecret& rendezvous, const EphemeralPublicKey& key) {
  Secret<struct AnswerMaskRole> cover;
  hash(cover.mutable_view(), label::kAnswerMask, rendezvous.view(), {});
  EphemeralPublicKey out = key;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) out.bytes[i] ^= cover.view()[i];
  return out;
}

AnswerKey answer_key(const RendezvousSecret& rendezvous, const SharedSecret& ephemeral_prekey) {
  AnswerKey key;
  hash(key.mutable_view(), label::kAnswerKey, rendezvous.view(), {ephemeral_prekey.view()});
  return key;
}

Transcript answer_binding(base::ByteView invite, const EphemeralPublicKey& ephemeral) {
  return public_hash<32>(label::kAnswerBinding, {invite, ephemeral.view()});
}

Transcript transcript_of(base::ByteView invite, const EphemeralPublicKey& ephemeral,
                         const AcceptorCard& acceptor) {
  const auto name_size = static_cast<std::uint8_t>(acceptor.name.size());
  std::array<std::uint8_t, 8> generation{};
  Writer(generation).number(acceptor.generation);
  const base::ByteView said_generation =
      acceptor.generation == 0 ? base::ByteView{} : base::ByteView(generation);
  return public_hash<32>(label::kTranscript, {invite,
                                              acceptor.identity.agreement.view(),
                                              acceptor.identity.signing.view(),
                                              ephemeral.view(),
                                              acceptor.ratchet.view(),
                                              {&name_size, 1},
                                              base::as_bytes(acceptor.name),
                                              said_generation});
}

SetupKeys setup_keys(const RendezvousSecret& rendezvous, const SetupAgreements& agreements,
                     const Transcript& transcript) {
  Secret<struct SetupRole> all;
  hash(all.mutable_view(), label::kSetup, rendezvous.view(),
       {agreements.acceptor_prekey.view(), agreements.ephemeral_inviter.view(),
        agreements.ephemeral_prekey.view(), transcript});
  SetupKeys keys;
  keys.root = derive_secret<RootKey>(label::kSetupRoot, all.view());
  keys.chain_of_acceptor = derive_secret<ChainKey>(label::kSetupChain, all.view());
  keys.tags_of_acceptor = derive_secret<TagBlockKey>(label::kSetupTagsOfAcceptor, all.view());
  keys.next_tags_of_acceptor =
      derive_secret<TagBlockKey>(label::kSetupNextTagsOfAcceptor, all.view());
  keys.tags_of_inviter = derive_secret<TagBlockKey>(label::kSetupTagsOfInviter, all.view());
  const auto confirm = derive_secret<Secret<struct ConfirmRole>>(label::kSetupConfirm, all.view());
  hash(keys.confirmation.mutable_view(), label::kConfirmation, confirm.view(), {transcript});
  return keys;
}

}  // namespace chaski::e2ee
