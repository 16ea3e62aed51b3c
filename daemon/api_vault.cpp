// SPDX-License-Identifier: Apache-2.0
#include "daemon/api_vault.hpp"

#include <malloc.h>

#include <array>

#include "base/hex.hpp"
#include "daemon/api_json.hpp"
#include "daemon/api_routes.hpp"
#include "node/text.hpp"

namespace chaski::daemon {
namespace {

constexpr std::array<std::string_view, 8> kPaths{
    "/v1/init",  "/v1/unlock",  "/v1/lock",         "/v1/passphrase",
    "/v1/panic", "/v1/restore", "/v1/restore/data", "/v1/restore/end"};

/// A passphrase, or that none is wanted: one of both must be said.
std::optional<ApiError> check_wish(const std::optional<std::string>& passphrase, bool none) {
  if (passphrase && none) {
    return bad_request("passphrase and no_passphrase exclude each other", "send one of them");
  }
  if (!passphrase && !none) {
    return bad_request("passphrase is missing",
                       "send one, or no_passphrase: true when whoever has the disk may read all");
  }
  if (passphrase && !is_passphrase(*passphrase)) return vault_error(VaultError::bad_passphrase);
  return std::nullopt;
}

VaultKeeper::Passphrase wish_of(const std::optional<std::string>& passphrase) {
  if (!passphrase) return std::nullopt;
  return std::string_view(*passphrase);
}

/// {} or why not.
ApiResult answer_of(const base::Expected<void, VaultError>& result) {
  if (!result) return base::unexpected(vault_error(result.error()));
  return ApiAnswer{Json::object()};
}

}  // namespace

ApiError vault_error(VaultError error) {
  switch (error) {
    case VaultError::wrong_passphrase:
      return {403, "wrong_passphrase", "this is not the passphrase, or the key file is damaged",
              "type it again"};
    case VaultError::bad_passphrase:
      return {400, "bad_passphrase", "this cannot be a passphrase", "choose 1 to 1,024 bytes"};
    case VaultError::out_of_memory:
      return {503, "out_of_memory", "there is not enough memory to stretch the passphrase",
              "end other programs; for new ones lower vault.passphrase_memory_mib"};
    case VaultError::busy:
      return {409, "busy", "another passphrase is being worked on", "try again in a moment"};
    case VaultError::disk:
      return {503, "store_full", "the key file cannot be written",
              "free some space on the disk of the data folder"};
    case VaultError::other_key:
      return {409, "vault_damaged", "the key file is not the one of this database",
              "put back the vault.key that belongs to it"};
    case VaultError::damaged:
      return {409, "vault_damaged",
              "what is sealed was changed: a record is damaged, missing or an older one",
              "move the data folder away and restore a backup with `chaski restore`"};
  }
  return {409, "vault_damaged", "the vault does not open", "see `chaski status`"};
}

ApiError no_person_error(VaultState state) {
  if (state == VaultState::locked) return person_error(node::PersonError::locked);
  return person_error(node::PersonError::no_identity);
}

VaultDesk::VaultDesk(boost::asio::io_context& io, NodeHost& host, VaultKeeper& keeper, Log& log,
                     base::Random& random, std::function<void()> erase)
    : host_(host), keeper_(keeper), log_(log), random_(random), erase_(std::move(erase)),
      idle_timer_(io) {}

bool VaultDesk::takes(const std::string& path) {
  return std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end();
}

void VaultDesk::handle(const ApiRequest& request, Done done) {
  if (request.method != "POST") {
    return done(base::unexpected(ApiError{405, "unknown_method", "this can only be posted",
                                          "see docs/api.md"}));
  }
  Json body = Json::object();
  if (!request.body.empty()) body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) {
    return done(base::unexpected(bad_request("the body is no JSON object", "send one, like {}")));
  }
  if (request.path == "/v1/panic") return panic(body, std::move(done));
  if (request.path == "/v1/lock") return lock(body, std::move(done));
  if (host_.stopping()) {
    return done(base::unexpected(
        ApiError{503, "stopping", "the node is stopping", "start it again"}));
  }
  if (request.path == "/v1/unlock") return unlock(body, std::move(done));
  if (!host_.writable()) return done(base::unexpected(store_refuses()));
  if (request.path == "/v1/init") return init(body, std::move(done));
  if (request.path == "/v1/restore") return restore(body, std::move(done));
  if (request.path == "/v1/restore/data") return restore_data(body, std::move(done));
  if (request.path == "/v1/restore/end") return restore_end(body, std::move(done));
  change(body, std::move(done));
}

void VaultDesk::init(const Json& json, Done done) {
  BodyReader body(json);
  const auto name = body.text("name", true);
  const auto passphrase = body.text("passphrase", false);
  const bool none = body.flag("no_passphrase");
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  if (keeper_.state() == VaultState::locked || host_.node().identity()) {
    return done(base::unexpected(person_error(keeper_.state() == VaultState::locked
                                                  ? node::PersonError::locked
                                                  : node::PersonError::identity_exists)));
  }
  if (!node::is_valid_name(*name)) {
    return done(base::unexpected(person_error(node::PersonError::bad_name)));
  }
  if (const auto error = check_wish(passphrase, none)) return done(base::unexpected(*error));
  if (!host_.node().locked()) host_.forget_person();  // nobody: of an init that was cut off
  keeper_.create(wish_of(passphrase), [this, name = *name, done](auto made) {
    if (!made) return done(base::unexpected(vault_error(made.error())));
    created(name, done);
  });
}

void VaultDesk::created(const std::string& name, const Done& done) {
  host_.unlock_person();
  used();
  const auto identity = host_.node().create_identity(name);
  if (!identity) return done(base::unexpected(person_error(identity.error())));
  done(ApiAnswer{who_json(host_.node(), *identity), true});
}

void VaultDesk::unlock(const Json& json, Done done) {
  BodyReader body(json);
  const auto passphrase = body.text("passphrase", true);
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  if (keeper_.state() == VaultState::none) {
    return done(base::unexpected(person_error(node::PersonError::no_identity)));
  }
  if (keeper_.state() == VaultState::open) {
    return done(base::unexpected(ApiError{409, "not_locked", "this node is not locked",
                                          "nothing is to be done"}));
  }
  keeper_.unlock(*passphrase, [this, done](auto opened) {
    if (!opened) {
      log_.warning("unlock: refused");
      return done(base::unexpected(vault_error(opened.error())));
    }
    host_.unlock_person();
    used();
    log_.info("unlocked");
    done(ApiAnswer{Json::object(), true});
  });
}

void VaultDesk::lock(const Json& json, Done done) {
  if (const auto error = BodyReader(json).finish()) return done(base::unexpected(*error));
  if (keeper_.state() == VaultState::none) {
    return done(base::unexpected(person_error(node::PersonError::no_identity)));
  }
  if (!keeper_.has_passphrase()) {
    return done(base::unexpected(
        ApiError{409, "no_passphrase", "there is no passphrase: locking would protect nothing",
                 "set one with `chaski passphrase`"}));
  }
  lock_now("asked to");
  done(ApiAnswer{Json::object()});
}

void VaultDesk::lock_now(const char* why) {
  idle_timer_.cancel();
  if (keeper_.state() != VaultState::open || !keeper_.has_passphrase()) return;
  host_.lock_person();
  keeper_.lock();
  ::malloc_trim(0);
  log_.info(std::string("locked: ") + why);
}

void VaultDesk::change(const Json& json, Done done) {
  BodyReader body(json);
  const auto old = body.text("old", false);
  const auto passphrase = body.text("passphrase", false);
  const bool none = body.flag("no_passphrase");
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  if (keeper_.state() == VaultState::none) {
    return done(base::unexpected(person_error(node::PersonError::no_identity)));
  }
  if (const auto error = check_wish(passphrase, none)) return done(base::unexpected(*error));
  if (keeper_.has_passphrase() && !old) {
    return done(base::unexpected(bad_request("old is missing", "send the passphrase of now")));
  }
  keeper_.change(old.value_or(""), wish_of(passphrase), [this, done](auto changed) {
    if (changed) log_.info("the passphrase was changed");
    used();
    done(answer_of(changed));
  });
}

void VaultDesk::panic(const Json& json, Done done) {
  if (const auto error = BodyReader(json).finish()) return done(base::unexpected(*error));
  const auto begin = std::chrono::steady_clock::now();
  // The key first: what happens afterwards may take its time, or never end.
  const bool destroyed = keeper_.destroy();
  const auto took = std::chrono::steady_clock::now() - begin;
  panicked_ = true;
  idle_timer_.cancel();
  host_.forget_person();
  erase_();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  log_.info("panic: everything was erased");
  done(ApiAnswer{{{"key_destroyed", destroyed}, {"key_us", us}}});
}

void VaultDesk::backup(const ApiRequest& request, BackupDone done) {
  const Json json = request.body.empty() ? Json::object()
                                         : Json::parse(request.body, nullptr, false);
  if (!json.is_object()) {
    return done(base::unexpected(bad_request("the body is no JSON object", "send one, like {}")));
  }
  BodyReader body(json);
  const auto passphrase = body.text("passphrase", true);
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  if (host_.node().locked() || !host_.node().identity()) {
    return done(base::unexpected(no_person_error(keeper_.state())));
  }
  const auto header = vault::BackupHeader::make(keeper_.cost(), random_);
  keeper_.stretch(*passphrase, header.salt, header.cost, [this, header, done](auto key) {
    if (!key) return done(base::unexpected(vault_error(key.error())));
    // It may have been locked meanwhile.
    if (host_.node().locked()) return done(base::unexpected(no_person_error(keeper_.state())));
    done(std::make_shared<BackupSource>(host_.store(), header, std::move(*key)));
  });
}

ApiResult VaultDesk::give_up_restore(ApiError why) {
  sink_.reset();
  return base::unexpected(std::move(why));
}

/// Puts away what was fed.
ApiResult VaultDesk::restore_fed(base::Expected<void, RestoreError> fed) {
  const ApiError damaged{400, "bad_backup", "this backup is damaged or cut off",
                         "take another copy of it"};
  if (!fed) {
    const bool wrong = fed.error() == RestoreError::wrong_passphrase;
    return give_up_restore(wrong ? vault_error(VaultError::wrong_passphrase) : damaged);
  }
  if (!sink_->store(host_.store().people())) return give_up_restore(damaged);
  if (!host_.commit_store()) return give_up_restore(store_refuses());
  return ApiAnswer{Json::object()};
}

void VaultDesk::restore(const Json& json, Done done) {
  BodyReader body(json);
  const auto old = body.text("backup_passphrase", true);
  const auto passphrase = body.text("passphrase", false);
  const bool none = body.flag("no_passphrase");
  const auto hex = body.text("data", true);
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  if (keeper_.state() == VaultState::locked || host_.node().identity()) {
    return done(base::unexpected(person_error(keeper_.state() == VaultState::locked
                                                  ? node::PersonError::locked
                                                  : node::PersonError::identity_exists)));
  }
  if (const auto error = check_wish(passphrase, none)) return done(base::unexpected(*error));
  const auto data = std::make_shared<std::optional<base::Bytes>>(base::from_hex(*hex));
  const std::size_t head = vault::BackupHeader::kSize;
  const auto header = *data && (*data)->size() > head
                          ? vault::BackupHeader::decode(base::ByteView(**data).first(head))
                          : std::nullopt;
  if (!header) {
    return done(base::unexpected(ApiError{400, "bad_backup", "this is no backup of chaski",
                                          "name the file that chaski backup wrote"}));
  }
  const auto opened = [this, data, done, header = *header, passphrase](auto key) {
    if (!key) return done(base::unexpected(vault_error(key.error())));
    auto sink = std::make_unique<BackupSink>(header, std::move(*key));
    const auto fed = sink->feed(base::ByteView(**data).subspan(vault::BackupHeader::kSize));
    if (!fed) return done(restore_fed(fed));  // nothing was changed yet
    const auto shared = std::make_shared<std::unique_ptr<BackupSink>>(std::move(sink));
    if (!host_.node().locked()) host_.forget_person();
    keeper_.create(wish_of(passphrase), [this, shared, done](auto made) {
      if (!made) return done(base::unexpected(vault_error(made.error())));
      sink_ = std::move(*shared);
      done(restore_fed({}));
    });
  };
  keeper_.stretch(*old, header->salt, header->cost, opened);
}

void VaultDesk::restore_data(const Json& json, Done done) {
  BodyReader body(json);
  const auto hex = body.text("data", true);
  if (const auto error = body.finish()) return done(base::unexpected(*error));
  const auto data = base::from_hex(*hex);
  if (!data || !sink_ || keeper_.state() != VaultState::open) {
    return done(base::unexpected(bad_request("no restore is under way, or the data are no "
                                             "hexadecimal bytes", "begin with /v1/restore")));
  }
  done(restore_fed(sink_->feed(*data)));
}

void VaultDesk::restore_end(const Json& json, Done done) {
  if (const auto error = BodyReader(json).finish()) return done(base::unexpected(*error));
  if (!sink_ || keeper_.state() != VaultState::open) {
    return done(base::unexpected(bad_request("no restore is under way", "begin with "
                                             "/v1/restore")));
  }
  if (auto fed = restore_fed(sink_->end()); !fed) return done(std::move(fed));
  const auto sink = std::move(sink_);
  if (!sink->finish(host_.store().people())) {
    return done(base::unexpected(ApiError{400, "bad_backup", "nobody is in this backup",
                                          "take another one"}));
  }
  if (!host_.commit_store()) return done(base::unexpected(store_refuses()));
  host_.unlock_person();
  used();
  const auto identity = host_.node().identity();
  if (!identity) return done(base::unexpected(vault_error(VaultError::damaged)));
  Json answer = who_json(host_.node(), *identity);
  answer["contacts"] = sink->contacts();
  answer["messages"] = sink->messages();
  done(ApiAnswer{std::move(answer), true});
}

void VaultDesk::used() {
  idle_timer_.cancel();
  if (lock_after_.count() == 0 || keeper_.state() != VaultState::open) return;
  idle_timer_.expires_after(lock_after_);
  idle_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !host_.stopping()) lock_now("not used for a while");
  });
}

void VaultDesk::set_lock_after(std::chrono::seconds time) {
  lock_after_ = time;
  used();
}

Json VaultDesk::status() const {
  return {{"state", to_string(keeper_.state())},
          {"passphrase", keeper_.state() != VaultState::none && keeper_.has_passphrase()},
          {"lock_after_s", lock_after_.count()},
          {"damaged", host_.store().people().damaged()}};
}

}  // namespace chaski::daemon
