// SPDX-License-Identifier: Apache-2.0
// The commands about the vault: unlock, lock, passphrase, panic, backup, restore.
#include <fmt/format.h>

#include <fstream>

#include "base/hex.hpp"
#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/new_file.hpp"
#include "tools/chaski/safe_text.hpp"

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

void run_backup(const Context& context, const std::string& file, const PassphraseSource& source) {
  const auto passphrase = read_new_passphrase(source, "A passphrase for the backup: ");
  NewFile out(file);
  const std::string bytes = context.client.request("POST", "/v1/backup",
                                                   json{{"passphrase", *passphrase}}.dump());
  out.write(bytes);
  if (context.json) return Screen::print(json_line({{"file", file}, {"bytes", bytes.size()}}));
  Screen::print(fmt::format("{} holds who you are, your contacts and messages, {} bytes, under its "
                            "own passphrase.\n",
                            one_line(file), bytes.size()));
}

void run_restore(const Context& context, const std::string& file,
                 const PassphraseSource& backup_source, const PassphraseSource& new_source) {
  constexpr std::size_t kPiece = 256u << 10;
  std::ifstream in(file, std::ios::binary);
  const auto next = [&in] {
    std::string piece(kPiece, '\0');
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    piece.resize(static_cast<std::size_t>(in.gcount()));
    return base::to_hex(base::as_bytes(piece));
  };
  std::string piece = in ? next() : std::string();
  if (piece.empty()) {
    throw CommandError{ExitCode::usage, "usage", "cannot read the backup " + file,
                       "name the file that chaski backup wrote"};
  }
  json body{{"backup_passphrase", read_passphrase(backup_source, "Passphrase of the backup: ")},
            {"data", piece}};
  add_new_passphrase(body, new_source, "A passphrase for this node: ");
  context.client.request("POST", "/v1/restore", body.dump());
  while (!(piece = next()).empty()) {
    context.client.request("POST", "/v1/restore/data", json{{"data", piece}}.dump());
  }
  const json answer = ask(context, "POST", "/v1/restore/end", json::object());
  if (context.json) return;
  Screen::print(fmt::format("You are {} again, with {} contacts and {} messages.\nMeet each "
                            "contact anew before you write: chaski invite, or chaski add with "
                            "their link.\n",
                            one_line(answer.at("name").get<std::string>()),
                            answer.value("contacts", 0), answer.value("messages", 0)));
}

}  // namespace chaski::tools
