// SPDX-License-Identifier: Apache-2.0
// The commands about the vault: unlock, lock, passphrase, panic.
#include <fmt/format.h>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"

namespace chaski::tools {

using nlohmann::json;

namespace {

/// Without printing it for --json: what matters is the answer to the request that follows.
json vault_of(const Context& context) {
  const json status = parse_answer(context.client.request("GET", "/v1/status"));
  return status.value("vault", json::object());
}

}  // namespace

void add_new_passphrase(json& body, const PassphraseSource& source, const char* question) {
  if (const auto passphrase = read_new_passphrase(source, question)) {
    body["passphrase"] = *passphrase;
  } else {
    body["no_passphrase"] = true;
  }
}

void run_unlock(const Context& context, const PassphraseSource& source) {
  ask(context, "POST", "/v1/unlock", {{"passphrase", read_passphrase(source, "Passphrase: ")}});
  if (!context.json) Screen::print("Unlocked. What came meanwhile is in chaski messages.\n");
}

void run_lock(const Context& context) {
  ask(context, "POST", "/v1/lock");
  if (!context.json) {
    Screen::print("Locked: this node carries for others and reads nothing until you type chaski "
                  "unlock.\n");
  }
}

void run_passphrase(const Context& context, const PassphraseSource& old_source,
                    const PassphraseSource& new_source) {
  json body = json::object();
  if (vault_of(context).value("passphrase", false)) {
    body["old"] = read_passphrase(old_source, "Passphrase of now: ");
  }
  add_new_passphrase(body, new_source, "New passphrase: ");
  ask(context, "POST", "/v1/passphrase", body);
  if (context.json) return;
  Screen::print(body.contains("passphrase")
                    ? "The passphrase is changed. A backup keeps the one that it was made with.\n"
                    : "There is no passphrase any more: whoever has the disk can read it all.\n");
}

void run_panic(const Context& context, bool now) {
  if (!now && !confirmed("This destroys your identity, contacts and messages on this node, for "
                         "good.\nType yes to go on: ")) {
    throw CommandError{ExitCode::refused, "not_confirmed", "nothing was destroyed",
                       "type yes, or say --now"};
  }
  const json answer = ask(context, "POST", "/v1/panic");
  if (!answer.at("key_destroyed").get<bool>()) {
    throw CommandError{ExitCode::refused, "not_overwritten",
                       "the files were erased, but the disk refused to overwrite the key file",
                       "destroy the disk"};
  }
  if (context.json) return;
  Screen::print(fmt::format("Everything is destroyed; the key was gone after {:.1f} ms. The node "
                            "has ended.\n",
                            answer.value("key_us", 0.0) / 1'000));
}

}  // namespace chaski::tools
