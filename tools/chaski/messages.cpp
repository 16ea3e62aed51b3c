// SPDX-License-Identifier: Apache-2.0
// The commands about messages: send, messages, explain.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/chaski/safe_text.hpp"
#include "wire/limits.hpp"

namespace chaski::tools {

namespace {

using nlohmann::json;

/// More than any message may have; a mistaken file is not read whole.
constexpr std::size_t kInputMax = 1u << 20;
/// Texts from here on go as they are, not as JSON.
constexpr std::size_t kRawTextMin = 8'192;

std::string read_standard_input() {
  if (::isatty(STDIN_FILENO) == 1) {
    std::fputs("Type the message; end it with Ctrl-D on a line of its own.\n", stderr);
  }
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() <= kInputMax) {
    const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), stdin);
    if (size == 0) break;
    text.append(buffer.data(), size);
  }
  if (text.size() > kInputMax) {
    throw usage_error("standard input has over 1 MiB", "a message has at most 64 KiB of text");
  }
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string message_text(const std::vector<std::string>& words) {
  if (words.empty() || (words.size() == 1 && words.front() == "-")) return read_standard_input();
  std::string text = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) text += " " + words[i];
  return text;
}

std::uint32_t duration_option(const std::string& text, const char* option) {
  if (const auto seconds = parse_duration_s(text)) return *seconds;
  throw usage_error(fmt::format("{} does not take '{}'", option, text),
                    "give a number with s, min, h, d or w, such as 90s or 7d");
}

/// What is said beside the text or file.
json send_options(const SendOptions& options) {
  json body{{"to", options.to}};
  if (!is_utf8(options.to)) throw usage_error("the name is not UTF-8", "see chaski contacts");
  if (!options.lifetime.empty()) {
    const std::uint32_t lifetime_s = duration_option(options.lifetime, "--lifetime");
    if (lifetime_s > wire::kLifetimeMax_s) {
      throw usage_error(fmt::format("--lifetime {} is too long", options.lifetime),
                        fmt::format("the longest is {}", duration_words(wire::kLifetimeMax_s)));
    }
    body["lifetime_s"] = lifetime_s;
  }
  if (options.urgent) body["priority"] = "urgent";
  if (!options.reply_to.empty()) body["reply_to"] = message_number(options.reply_to);
  if (!options.disappear.empty()) {
    body["disappears_after_s"] = duration_option(options.disappear, "--disappear");
  }
  return body;
}

json send_body(const SendOptions& options) {
  json body = send_options(options);
  body["text"] = message_text(options.text);
  const auto& text = body["text"].get_ref<const std::string&>();
  if (text.empty()) throw usage_error("the message is empty", "give its text, or pipe it in");
  if (!is_utf8(text)) {
    throw usage_error("the message is not UTF-8 text", "send a file with --file");
  }
  return body;
}

/// As send_options(), in a query.
std::string query_of(const json& options) {
  std::string query = "to=" + in_query(options.at("to").get<std::string>());
  for (const char* key : {"lifetime_s", "reply_to", "disappears_after_s"}) {
    if (options.contains(key)) {
      query += fmt::format("&{}={}", key, options[key].get<std::uint64_t>());
    }
  }
  if (options.contains("priority")) query += "&priority=" + options["priority"].get<std::string>();
  return query;
}

/// The message as the node took it.
json post_message(const Context& context, const json& body) {
  const auto& text = body.at("text").get_ref<const std::string&>();
  if (text.size() < kRawTextMin) return ask(context, "POST", "/v1/messages", body).at("message");
  const std::string target = "/v1/messages?" + query_of(body);
  json answer =
      parse_answer(context.client.request("POST", target, text, Client::kPlainText));
  answer.at("message")["text"] = text;  // the node does not say back what came raw
  if (context.json) Screen::print(json_line(answer));
  return answer.at("message");
}

bool is_final(const json& message) {
  const auto state = message.value("state", "");
  return state == "delivered" || state == "expired" || state == "read" || state == "deleted";
}

/// Follows the events until message `id` is delivered or expired; gives what it was at last.
json wait_for_delivery(const Context& context, std::uint64_t id, const SendOptions& options) {
  json last;
  const auto on_line = [&](std::string_view line) {
    const json event = parse_answer(line);
    if (last.is_null()) {
      // The stream stands, so nothing is missed from here on; what was before is asked for once.
      last = parse_answer(context.client.request("GET", fmt::format("/v1/messages/{}", id)))
                 .at("message");
    }
    if (event.value("event", "") == "message" && event.at("message").at("id") == id) {
      last = event.at("message");
    }
    return !is_final(last);
  };
  context.client.stream(fmt::format("/v1/events?after={}", id > 0 ? id - 1 : 0), on_line,
                        wait_until(options));
  return last;
}

void report_wait(const Context& context, const json& message, const SendOptions& options,
                 std::uint64_t id) {
  if (context.json && !message.is_null()) Screen::print(json_line({{"message", message}}));
  const auto state = message.is_null() ? std::string("accepted") : message.value("state", "");
  if (state == "delivered" || state == "read") {
    if (!context.json) Screen::print(context.screen.paint(Colour::good, "Delivered.") + "\n");
    return;
  }
  const auto see = fmt::format("see chaski explain {}", id);
  if (state == "expired") {
    throw CommandError{ExitCode::not_delivered, "expired",
                       fmt::format("message {} expired before it was delivered", id), see};
  }
  throw CommandError{
      ExitCode::not_delivered, "not_delivered",
      fmt::format("message {} was not delivered within {}", id, options.timeout),
      see + "; it stays under way until its lifetime ends"};
}

Colour state_colour(const std::string& state, bool incoming) {
  if (incoming) return Colour::plain;
  if (state == "delivered" || state == "read") return Colour::good;
  if (state == "expired") return Colour::bad;
  return state == "deleted" ? Colour::plain : Colour::warning;
}

/// What the message says, as a person sees it.
std::string said(const Context& context, const json& message) {
  const auto kind = message.value("kind", "text");
  const auto text = message.value("text", "");
  const auto note = [&context](std::string_view words) {
    return context.screen.paint(Colour::quiet, words);
  };
  if (message.at("state") == "deleted") {
    return note(message.value("disappears_after_s", 0) != 0 ? "(it disappeared)" : "(deleted)");
  }
  if (kind == "reaction") return text.empty() ? note("(took a reaction back)") : text;
  if (kind == "file") return note("(a file) ") + text;
  if (kind == "deletion") return note("(asked to delete a message)");
  return text;
}

}  // namespace

std::uint64_t message_number(const std::string& text) {
  const std::string_view digits = std::string_view(text).substr(text.starts_with('#') ? 1 : 0);
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), id);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
    throw usage_error(fmt::format("'{}' is no message number", text),
                      "chaski messages shows the numbers, such as 12");
  }
  return id;
}


namespace {

/// What the message belongs to, and how long it stays, before what it says.
std::string circumstances(const Context& context, const json& message) {
  std::string words;
  if (const auto about = message.value("about", ""); !about.empty()) {
    const auto number = context.numbers.find(about);
    const bool known = number != context.numbers.end();
    if (message.value("kind", "text") == "text") {
      words = known ? fmt::format("in reply to #{}  ", number->second) : "in reply  ";
    } else {
      words = known ? fmt::format("about #{}  ", number->second) : "about a message  ";
    }
  }
  if (const auto after = message.value("disappears_after_s", std::int64_t{0});
      after != 0 && message.at("state") != "deleted") {
    words += fmt::format("gone {} after {}  ", duration_words(after),
                         message.at("direction") == "in" ? "reading" : "sending");
  }
  return words.empty() ? words : context.screen.paint(Colour::quiet, words);
}

}  // namespace

std::string in_query(std::string_view text) {
  static constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::optional<std::chrono::steady_clock::time_point> wait_until(const SendOptions& options) {
  if (options.timeout.empty()) return std::nullopt;
  return std::chrono::steady_clock::now() +
         std::chrono::seconds(duration_option(options.timeout, "--timeout"));
}

std::string message_words(const Context& context, const json& message) {
  const bool incoming = message.at("direction") == "in";
  const auto state = message.at("state").get<std::string>();
  const auto sent = message.at("sent_unix_s").get<std::int64_t>();
  const auto moment = incoming ? message.value("received_unix_s", sent) : sent;
  const auto id = message.at("id").get<std::uint64_t>();
  const auto words = circumstances(context, message);
  context.numbers[message.value("envelope", "")] = id;
  // Of what was deleted nobody knows any more when it was.
  const auto when =
      state == "deleted" ? std::string("--:--:--") : moment_words(moment, context.now_unix_s);
  return fmt::format(
      "{:>4}  {}  {} {}  {}  {}{}\n", fmt::format("#{}", id),
      context.screen.paint(Colour::quiet, when), incoming ? "from" : "to",
      context.screen.paint(Colour::strong, one_line(message.at("contact").get<std::string>())),
      context.screen.paint(state_colour(state, incoming), one_line(state)), words,
      indented(said(context, message), "      | "));
}

void run_send(const Context& context, const SendOptions& options) {
  if (!options.timeout.empty()) duration_option(options.timeout, "--timeout");
  if (!options.file.empty()) {
    if (!options.text.empty()) {
      SendOptions words = options;
      words.file.clear();
      words.wait = false;
      run_send(context, words);
    }
    return run_send_file(context, options, query_of(send_options(options)));
  }
  const json body = send_body(options);
  // With --wait the one answer that --json prints is the last.
  Context asking = context;
  asking.json = context.json && !options.wait;
  const json message = post_message(asking, body);
  const auto id = message.at("id").get<std::uint64_t>();
  if (!context.json) {
    Screen::print(fmt::format("Message {} to {} is accepted; it lives for {}.\n", id,
                              one_line(message.at("contact").get<std::string>()),
                              duration_words(message.at("lifetime_s").get<std::int64_t>())));
  }
  if (options.wait) report_wait(context, wait_for_delivery(context, id, options), options, id);
}

void run_messages(const Context& context, const MessagesOptions& options) {
  std::string target = "/v1/messages";
  const auto add = [&target](const char* key, const std::string& value) {
    target += fmt::format("{}{}={}", target.find('?') == std::string::npos ? '?' : '&', key, value);
  };
  if (!options.contact.empty()) add("contact", in_query(options.contact));
  if (options.after > 0) add("after", std::to_string(options.after));
  if (options.limit > 0) add("limit", std::to_string(options.limit));
  const json answer = ask(context, "GET", target);
  if (context.json) return;
  std::string text;
  std::vector<std::uint64_t> unread;
  for (const json& message : answer.at("messages")) {
    text += message_words(context, message);
    if (message.at("state") == "received") unread.push_back(message.at("id").get<std::uint64_t>());
  }
  if (text.empty()) text = "No messages.\n";
  Screen::print(text);
  mark_read(context, unread);
}

namespace {

/// A line for each neighbour at hand: why the message did not go there yet, or that it did.
std::string neighbours_words(const json& neighbours) {
  if (neighbours.empty()) return "  no neighbour is here\n";
  std::string text;
  for (const json& neighbour : neighbours) {
    text += fmt::format("  {} (link since {}): {}\n",
                        one_line(neighbour.at("id").get<std::string>()),
                        duration_words(neighbour.at("since_s").get<std::int64_t>()),
                        one_line(neighbour.at("explanation").get<std::string>()));
  }
  return text;
}

}  // namespace

void run_explain(const Context& context, const std::string& message) {
  const auto id = message_number(message);
  const json answer = ask(context, "GET", fmt::format("/v1/messages/{}", id));
  if (context.json) return;
  std::string text = message_words(context, answer.at("message")) +
                     "  " + indented(answer.at("explanation").get<std::string>(), "  ") + "\n";
  for (const json& step : answer.at("life")) {
    const auto when = step.at("unix_s").get<std::int64_t>();
    text += fmt::format("  {}  {}", moment_words(when, context.now_unix_s),
                        one_line(step.at("what").get<std::string>()));
    if (const auto neighbour = step.value("neighbour", ""); !neighbour.empty()) {
      text += fmt::format(" (neighbour {})", one_line(neighbour));
    }
    text += '\n';
  }
  if (const auto held = answer.find("held"); held != answer.end() && held->is_object()) {
    text += fmt::format("  held here: {} old, expires in {}\n",
                        duration_words(held->at("age_s").get<std::int64_t>()),
                        duration_words(held->at("expires_in_s").get<std::int64_t>()));
  }
  if (const auto neighbours = answer.find("neighbours");
      neighbours != answer.end() && neighbours->is_array()) {
    text += neighbours_words(*neighbours);
  }
  Screen::print(text);
}

}  // namespace chaski::tools
