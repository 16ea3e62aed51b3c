// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/e2ee_signal_stores.hpp"

namespace chaski::bench {
namespace {

SignalStores& of(void* user) {
  return *static_cast<SignalStores*>(user);
}
signal_buffer* copy_of(const SignalStores::Bytes& bytes) {
  return signal_buffer_create(bytes.data(), bytes.size());
}
int give(signal_buffer** out, const SignalStores::Bytes& bytes) {
  if (bytes.empty()) return SG_ERR_INVALID_KEY_ID;
  *out = copy_of(bytes);
  return SG_SUCCESS;
}
int keep(SignalStores::Bytes& place, const std::uint8_t* data, std::size_t size) {
  place.assign(data, data + size);
  return 0;
}

signal_protocol_session_store sessions(void* user) {
  signal_protocol_session_store out{};
  out.load_session_func = [](signal_buffer** record, signal_buffer**,
                             const signal_protocol_address*, void* u) {
    if (of(u).session.empty()) return 0;
    *record = copy_of(of(u).session);
    return 1;
  };
  out.get_sub_device_sessions_func = [](signal_int_list**, const char*, std::size_t, void*) {
    return 0;
  };
  out.store_session_func = [](const signal_protocol_address*, std::uint8_t* data, std::size_t size,
                              std::uint8_t*, std::size_t,
                              void* u) { return keep(of(u).session, data, size); };
  out.contains_session_func = [](const signal_protocol_address*, void* u) {
    return of(u).session.empty() ? 0 : 1;
  };
  out.delete_session_func = [](const signal_protocol_address*, void* u) {
    of(u).session.clear();
    return 1;
  };
  out.delete_all_sessions_func = [](const char*, std::size_t, void* u) {
    of(u).session.clear();
    return 1;
  };
  out.user_data = user;
  return out;
}

signal_protocol_pre_key_store prekeys(void* user) {
  signal_protocol_pre_key_store out{};
  out.load_pre_key = [](signal_buffer** record, std::uint32_t, void* u) {
    return give(record, of(u).prekey);
  };
  out.store_pre_key = [](std::uint32_t, std::uint8_t* data, std::size_t size, void* u) {
    return keep(of(u).prekey, data, size);
  };
  out.contains_pre_key = [](std::uint32_t, void* u) { return of(u).prekey.empty() ? 0 : 1; };
  out.remove_pre_key = [](std::uint32_t, void* u) {
    of(u).prekey.clear();
    return 0;
  };
  out.user_data = user;
  return out;
}

signal_protocol_signed_pre_key_store signed_prekeys(void* user) {
  signal_protocol_signed_pre_key_store out{};
  out.load_signed_pre_key = [](signal_buffer** record, std::uint32_t, void* u) {
    return give(record, of(u).signed_prekey);
  };
  out.store_signed_pre_key = [](std::uint32_t, std::uint8_t* data, std::size_t size, void* u) {
    return keep(of(u).signed_prekey, data, size);
  };
  out.contains_signed_pre_key = [](std::uint32_t, void* u) {
    return of(u).signed_prekey.empty() ? 0 : 1;
  };
  out.remove_signed_pre_key = [](std::uint32_t, void*) { return 0; };
  out.user_data = user;
  return out;
}

signal_protocol_identity_key_store identities(void* user) {
  signal_protocol_identity_key_store out{};
  out.get_identity_key_pair = [](signal_buffer** public_data, signal_buffer** private_data,
                                 void* u) {
    *public_data = copy_of(of(u).identity_public);
    *private_data = copy_of(of(u).identity_private);
    return 0;
  };
  out.get_local_registration_id = [](void*, std::uint32_t* id) {
    *id = 1;
    return 0;
  };
  out.save_identity = [](const signal_protocol_address*, std::uint8_t*, std::size_t, void*) {
    return 0;
  };
  out.is_trusted_identity = [](const signal_protocol_address*, std::uint8_t*, std::size_t, void*) {
    return 1;
  };
  out.user_data = user;
  return out;
}

}  // namespace

void SignalStores::attach(signal_protocol_store_context* context) {
  const auto session_store = sessions(this);
  const auto prekey_store = prekeys(this);
  const auto signed_store = signed_prekeys(this);
  const auto identity_store = identities(this);
  signal_protocol_store_context_set_session_store(context, &session_store);
  signal_protocol_store_context_set_pre_key_store(context, &prekey_store);
  signal_protocol_store_context_set_signed_pre_key_store(context, &signed_store);
  signal_protocol_store_context_set_identity_key_store(context, &identity_store);
}

}  // namespace chaski::bench
