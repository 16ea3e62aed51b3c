// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/chaski/client.hpp"
#include "tools/chaski/passphrase.hpp"
#include "tools/chaski/screen.hpp"

namespace chaski::tools {

/// What every command works with.
struct Context {
  Client& client;
  const Screen& screen;
  bool json = false;            ///< print what the API answered
  std::int64_t now_unix_s = 0;  ///< for showing times
  /// The numbers of the messages that were shown, by their envelopes.
  mutable std::map<std::string, std::uint64_t> numbers{};
};

struct SendOptions {
  std::string to;
  std::vector<std::string> text;  ///< words; none, or "-", to read standard input
  std::string lifetime;
  std::string reply_to;   ///< the number of a message; empty: none
  std::string disappear;  ///< a duration; empty: it stays
  bool urgent = false;
  bool wait = false;
  std::string timeout;
  std::string file;  ///< to be sent; empty: text alone
};

struct MessagesOptions {
  std::string contact;
  std::uint64_t after = 0;
  std::uint64_t limit = 0;  ///< 0: all
};

enum class QrWish { when_terminal, always, never };

/// How a link is handed over beside its text.
struct LinkOptions {
  QrWish qr = QrWish::when_terminal;
  std::string png;  ///< a file for the QR code; empty: none
  std::string svg;
};

struct CardOptions {
  bool fresh = false;  ///< a new one though the current is good still
  std::optional<std::uint64_t> days;
  std::optional<std::uint64_t> price;
  bool publish = false;
};

struct PairOptions {
  std::string name;                 ///< what the contact is called
  std::vector<std::string> yes_if;  ///< words that were seen on the other's screen
  bool cancel = false;
};

struct CarryOptions {
  std::string folder;  ///< of the stick
  std::string max;     ///< of bytes that are written, or read; empty: what is usual
  bool all = false;    ///< out: also what every place has that the stick tells of
};

struct IntroductionsOptions {
  std::string action;  ///< accept or decline; empty: list them
  std::optional<std::uint64_t> number;
  std::string name;    ///< accept: what the person wants to call them
};

// One function a command; each throws CommandError.
void run_init(const Context& context, const std::string& name, const PassphraseSource& source);
void run_unlock(const Context& context, const PassphraseSource& source);
void run_lock(const Context& context);
void run_passphrase(const Context& context, const PassphraseSource& old_source,
                    const PassphraseSource& new_source);
void run_panic(const Context& context, bool now);
void run_backup(const Context& context, const std::string& file, const PassphraseSource& source);
void run_restore(const Context& context, const std::string& file,
                 const PassphraseSource& backup_source, const PassphraseSource& new_source);
void run_whoami(const Context& context);
void run_invite(const Context& context, const LinkOptions& options,
                std::optional<std::uint64_t> price);
void run_card(const Context& context, const CardOptions& options, const LinkOptions& links);
void run_withdraw_cards(const Context& context);
void run_cards(const Context& context);
/// `card`: the fingerprint of a card that was heard, in place of a link. `replace`: whoever has
/// this name is somebody else from now on.
void run_add(const Context& context, const std::string& link, const std::string& card,
             const std::string& name, bool replace, const LinkOptions& options);
void run_introduce(const Context& context, const std::string& first, const std::string& second,
                   const std::string& note);
void run_introductions(const Context& context, const IntroductionsOptions& options);
void run_cancel(const Context& context, const std::string& name);
void run_verify(const Context& context, const std::string& name,
                const std::vector<std::string>& number);
void run_unverify(const Context& context, const std::string& name);
void run_trust(const Context& context, const std::string& name);
void run_block(const Context& context, const std::string& name);
void run_unblock(const Context& context, const std::string& name);
void run_pair(const Context& context, const PairOptions& options);
void run_heal(const Context& context, const std::string& name);
void run_contacts(const Context& context, bool names_only);
void run_send(const Context& context, const SendOptions& options);
/// `query` has what stands beside the file: to whom, lifetime, priority.
void run_send_file(const Context& context, const SendOptions& options, const std::string& query);
void run_files(const Context& context, const std::string& remove);
void run_save(const Context& context, const std::string& number, const std::string& path,
              bool force);
void run_carry_out(const Context& context, const CarryOptions& options);
void run_carry_in(const Context& context, const CarryOptions& options);
void run_messages(const Context& context, const MessagesOptions& options);
void run_react(const Context& context, const std::string& message, const std::string& reaction);
void run_delete(const Context& context, const std::string& message, bool here);
/// Says to the node that the person has seen these messages; those that are new to them count.
void mark_read(const Context& context, const std::vector<std::uint64_t>& messages);
struct SettingsOptions {
  std::string name;           ///< empty: as it is
  std::string read_receipts;  ///< "on", "off" or empty
};
void run_settings(const Context& context, const SettingsOptions& options);
void run_watch(const Context& context, std::optional<std::uint64_t> after);
void run_status(const Context& context);
void run_explain(const Context& context, const std::string& message);
void run_completion(const Context& context, const std::string& shell);

/// The number of a message as it was typed, such as 12 or #12. Throws CommandError.
std::uint64_t message_number(const std::string& text);

/// Asks the node and gives the parsed answer. With --json, prints the answer as it came as well.
nlohmann::json ask(const Context& context, std::string_view method, std::string_view target,
                   const nlohmann::json& body = nullptr);

/// Reads a new passphrase, or that none is wanted, into a request.
void add_new_passphrase(nlohmann::json& body, const PassphraseSource& source,
                        const char* question);

/// The answer's text as JSON; throws not_understood when it is none.
nlohmann::json parse_answer(std::string_view text);

/// JSON in one line of ASCII: what others wrote cannot reach a terminal but as an escape.
std::string json_line(const nlohmann::json& value);

/// One line (more when the text has more) for one message of the API.
std::string message_words(const Context& context, const nlohmann::json& message);

/// One line for one file of the API.
std::string file_words(const Context& context, const nlohmann::json& file);

/// Text as it stands in a query.
std::string in_query(std::string_view text);

/// Until when --timeout lets a command wait; nothing: as long as it takes.
std::optional<std::chrono::steady_clock::time_point> wait_until(const SendOptions& options);

/// The status of the node in plain words, as `chaski status` prints it.
std::string status_words(const Screen& screen, const nlohmann::json& status);

/// The line of `chaski watch` for one event; empty for an event that says nothing to a person.
/// One introduction, for introductions and watch.
std::string introduction_words(const Context& context, const nlohmann::json& one);
std::string event_words(const Context& context, const nlohmann::json& event);

}  // namespace chaski::tools
