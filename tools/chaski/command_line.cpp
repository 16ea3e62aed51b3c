// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/commands.hpp"
#include "tools/chaski/refusal.hpp"

namespace chaski::tools {

namespace {

constexpr const char* kFooter =
    "\nThe node's socket is --socket, or CHASKI_SOCKET, or the first that answers of\n"
    "/run/chaski/chaskid.sock, /var/lib/chaski/chaskid.sock and\n"
    "$XDG_STATE_HOME/chaski/chaskid.sock (~/.local/state/chaski/chaskid.sock).\n"
    "\nExit codes: 0 done; 1 the node refused; 2 bad command line; 3 no node is running, or it\n"
    "went away; 4 send --wait: not delivered; 5 what answers is not chaskid; 6 the node is\n"
    "locked.\n"
    "\nMore: docs/cli.md";

struct Arguments {
  bool json = false;
  std::string socket;
  std::string name;
  std::string link;
  std::string message;
  std::string shell;
  std::string cancel;
  std::string file;
  std::optional<std::uint64_t> price;
  bool qr = false;
  bool no_qr = false;
  LinkOptions link_options;
  CardOptions card;
  bool withdraw = false;
  std::string heard;
  PairOptions pair;
  std::string second;
  std::string note;
  IntroductionsOptions introductions;
  bool names = false;
  bool force = false;
  std::string remove;
  bool undo = false;
  bool replace = false;
  bool here = false;
  std::string reaction;
  SettingsOptions settings;
  std::vector<std::string> number;
  std::optional<std::uint64_t> after;
  std::optional<int> passphrase_fd;
  std::optional<int> old_passphrase_fd;
  bool no_passphrase = false;
  bool now = false;
  SendOptions send;
  MessagesOptions messages;
  CarryOptions carry;
  std::string way;

  PassphraseSource passphrase() const { return {passphrase_fd, false}; }
  PassphraseSource new_passphrase() const { return {passphrase_fd, no_passphrase}; }
};

using Run = std::function<void(const Context&)>;

CLI::Option* add_passphrase_fd(CLI::App* command, Arguments& a) {
  return command
      ->add_option("--passphrase-fd", a.passphrase_fd,
                   "read the passphrase from this open file, a line of it; 0: standard input")
      ->check(CLI::NonNegativeNumber);
}

void add_new_passphrase_options(CLI::App* command, Arguments& a) {
  auto* fd = add_passphrase_fd(command, a);
  command
      ->add_flag("--no-passphrase", a.no_passphrase,
                 "without one: whoever has the disk can read everything")
      ->excludes(fd);
}

/// Adds one command; `run` is what is called when it was chosen.
CLI::App* command(CLI::App& app, Run& chosen, const char* name, const char* help, Run run) {
  CLI::App* sub = app.add_subcommand(name, help);
  sub->callback([&chosen, run = std::move(run)] { chosen = run; });
  return sub;
}

void add_link_options(CLI::App& sub, Arguments& a) {
  auto* qr = sub.add_flag("--qr", a.qr, "print the QR code even when this is no terminal");
  sub.add_flag("--no-qr", a.no_qr, "print the link alone")->excludes(qr);
  sub.add_option("--png", a.link_options.png, "put the QR code into this new file, as PNG");
  sub.add_option("--svg", a.link_options.svg, "put the QR code into this new file, as SVG");
}

LinkOptions link_options(const Arguments& a) {
  LinkOptions out = a.link_options;
  if (a.no_qr) out.qr = QrWish::never;
  if (a.qr) out.qr = QrWish::always;
  return out;
}

void add_card(CLI::App& app, Arguments& a, Run& chosen) {
  auto* card = command(
      app, chosen, "card", "Show your card, for people who never met you: a link, and a QR code",
      [&a](const Context& c) {
        a.withdraw ? run_withdraw_cards(c) : run_card(c, a.card, link_options(a));
      });
  add_link_options(*card, a);
  auto* fresh = card->add_flag("--new", a.card.fresh, "a new one, though yours is good still");
  auto* days = card->add_option("--days", a.card.days, "good for so many days, 1 to 90");
  auto* price = card->add_option("--price", a.card.price,
                                 "bits of work that each answer must prove, 16 to 24");
  auto* publish = card->add_flag("--publish", a.card.publish,
                                 "let it go through the mesh, for every node that listens");
  card->add_flag("--withdraw", a.withdraw, "take all back: nobody can answer them any more")
      ->excludes(fresh)
      ->excludes(days)
      ->excludes(price)
      ->excludes(publish);
  command(app, chosen, "cards", "List cards of others that passed by",
          [](const Context& c) { run_cards(c); });
}

void add_people(CLI::App& app, Arguments& a, Run& chosen) {
  auto* init = command(app, chosen, "init", "Make an identity on this node: a person who can write",
                       [&a](const Context& c) { run_init(c, a.name, a.new_passphrase()); });
  init->add_option("name", a.name, "what others will see")->required();
  add_new_passphrase_options(init, a);
  command(app, chosen, "whoami", "Show the identity on this node",
          [](const Context& c) { run_whoami(c); });
  auto* invite = command(
      app, chosen, "invite", "Make an invitation: a link, and a QR code on a terminal",
      [&a](const Context& c) { run_invite(c, link_options(a), a.price); });
  add_link_options(*invite, a);
  invite->add_option("--price", a.price,
                     "bits of work that an answer through the mesh must prove, 0 to 24");
  add_card(app, a, chosen);
  auto* add = command(app, chosen, "add",
                      "Take somebody's invitation or card: they become a contact",
                      [&a](const Context& c) {
                        a.cancel.empty()
                            ? run_add(c, a.link, a.heard, a.name, a.replace, link_options(a))
                            : run_cancel(c, a.cancel);
                      });
  add_link_options(*add, a);
  auto* link = add->add_option("link", a.link, "the link that they gave you");
  add->add_option("--card", a.heard, "the fingerprint of a card that chaski cards shows")
      ->excludes(link);
  auto* as = add->add_option("--name", a.name, "what you call them, not what they call themselves");
  add->add_flag("--replace", a.replace,
                "whoever has that name now is somebody else from here on")
      ->needs(as);
  add->add_option("--cancel", a.cancel, "stop working for the stamp of the answer to this contact")
      ->excludes(link)
      ->excludes(as);
  auto* verify = command(app, chosen, "verify", "Compare the safety number with a contact",
                         [&a](const Context& c) {
                           a.undo ? run_unverify(c, a.name) : run_verify(c, a.name, a.number);
                         });
  verify->add_option("contact", a.name, "with whom")->required();
  auto* number = verify->add_option("number", a.number, "what they see, or their scanned code");
  verify->add_flag("--undo", a.undo, "they are not verified any more")->excludes(number);
  command(app, chosen, "trust", "Write again to a contact whose identity changed",
          [&a](const Context& c) { run_trust(c, a.name); })
      ->add_option("contact", a.name, "whose change you believe without comparing")
      ->required();
  command(app, chosen, "block", "Neither write to a contact nor read them; they are not told",
          [&a](const Context& c) { run_block(c, a.name); })
      ->add_option("contact", a.name, "whom")
      ->required();
  command(app, chosen, "unblock", "Read a contact again",
          [&a](const Context& c) { run_unblock(c, a.name); })
      ->add_option("contact", a.name, "whom")
      ->required();
  auto* pair = command(app, chosen, "pair", "Become contacts with somebody who is near, by symbols",
                       [&a](const Context& c) { run_pair(c, a.pair); });
  auto* called = pair->add_option("--name", a.pair.name, "what you call them");
  auto* yes_if = pair->add_option("--yes-if", a.pair.yes_if,
                                  "confirm, in the pairing that runs, who shows these six words")
                     ->excludes(called);
  pair->add_flag("--cancel", a.pair.cancel, "stop the pairing that runs")
      ->excludes(called)
      ->excludes(yes_if);
  command(app, chosen, "heal", "Begin a new session with a contact, through the mesh",
          [&a](const Context& c) { run_heal(c, a.name); })
      ->add_option("contact", a.name, "with whom")
      ->required();
  command(app, chosen, "contacts", "List the people you know",
          [&a](const Context& c) { run_contacts(c, a.names); })
      ->add_flag("--names", a.names, "the names alone, one a line");
}

void add_introductions(CLI::App& app, Arguments& a, Run& chosen) {
  auto* introduce = command(app, chosen, "introduce",
                            "Ask two contacts whether they want to know each other",
                            [&a](const Context& c) { run_introduce(c, a.name, a.second, a.note); });
  introduce->add_option("first", a.name, "one of them")->required();
  introduce->add_option("second", a.second, "the other")->required();
  introduce->add_option("--note", a.note, "what you want to say to both, at most 200 bytes");
  auto* list = command(app, chosen, "introductions", "List introductions, or answer one",
                       [&a](const Context& c) { run_introductions(c, a.introductions); });
  auto* action = list->add_option("action", a.introductions.action, "accept or decline; none lists")
                     ->check(CLI::IsMember({"accept", "decline"}));
  auto* number = list->add_option("number", a.introductions.number, "which, as the list shows it")
                     ->needs(action);
  action->needs(number);
  list->add_option("--name", a.introductions.name, "accept: what you call them")->needs(number);
}

void add_messages(CLI::App& app, Arguments& a, Run& chosen) {
  auto* send = command(app, chosen, "send", "Write a message to a contact",
                       [&a](const Context& c) { run_send(c, a.send); });
  send->add_option("contact", a.send.to, "to whom")->required();
  send->add_option("text", a.send.text, "the message; without it, or with -, standard input");
  send->add_option("--file", a.send.file, "send this file, after the text when there is one");
  send->add_option("--lifetime", a.send.lifetime,
                   "how long it may be under way, such as 12h or 7d (at most 14d)");
  send->add_option("--reply-to", a.send.reply_to, "the number of the message that you answer");
  send->add_option("--disappear", a.send.disappear,
                   "gone so long after sending here, and after reading there, such as 1h");
  send->add_flag("--urgent", a.send.urgent, "goes before what is not urgent");
  auto* wait = send->add_flag("--wait", a.send.wait, "end only when it was delivered or expired");
  send->add_option("--timeout", a.send.timeout, "with --wait: give up after this, such as 30s")
      ->needs(wait);
  auto* messages = command(app, chosen, "messages", "Show messages, oldest first",
                           [&a](const Context& c) { run_messages(c, a.messages); });
  messages->add_option("contact", a.messages.contact, "only with this contact");
  messages->add_option("--after", a.messages.after, "only those with a higher number");
  messages->add_option("--limit", a.messages.limit, "at most so many");
  command(app, chosen, "files", "Show files that come and go, and how far they are",
          [&a](const Context& c) { run_files(c, a.remove); })
      ->add_option("--remove", a.remove,
                   "end this one if it is under way, and forget it with what is here of it");
  auto* save = command(app, chosen, "save", "Write a file that came to a place of yours",
                       [&a](const Context& c) { run_save(c, a.message, a.file, a.force); });
  save->add_option("number", a.message, "its number, as files shows it")->required();
  save->add_option("path", a.file, "where: a new name, or a folder")->required();
  save->add_flag("--force", a.force, "replace what is there");
  command(app, chosen, "watch", "Show what happens, as it happens, until you press Ctrl-C",
          [&a](const Context& c) { run_watch(c, a.after); })
      ->add_option("--after", a.after, "show the messages after this number first");
  command(app, chosen, "explain", "Tell the life of one message, and where it is now",
          [&a](const Context& c) { run_explain(c, a.message); })
      ->add_option("message", a.message, "its number, as messages shows it")
      ->required();
}

void add_conversation(CLI::App& app, Arguments& a, Run& chosen) {
  auto* react = command(app, chosen, "react", "Answer a message with a picture",
                        [&a](const Context& c) { run_react(c, a.message, a.reaction); });
  react->add_option("message", a.message, "its number, as messages shows it")->required();
  react->add_option("reaction", a.reaction, "a few characters; none takes your reaction back");
  auto* erase = command(app, chosen, "delete", "Delete a message of yours on both sides",
                        [&a](const Context& c) { run_delete(c, a.message, a.here); });
  erase->add_option("message", a.message, "its number, as messages shows it")->required();
  erase->add_flag("--here", a.here, "on this node alone; also what others wrote");
  auto* settings = command(app, chosen, "settings", "Show or change what you chose",
                           [&a](const Context& c) { run_settings(c, a.settings); });
  settings->add_option("--name", a.settings.name, "what you call yourself; contacts are told");
  settings
      ->add_option("--read-receipts", a.settings.read_receipts,
                   "whether contacts are told when you read their messages: on or off")
      ->check(CLI::IsMember({"on", "off"}));
}

void add_vault(CLI::App& app, Arguments& a, Run& chosen) {
  auto* unlock = command(app, chosen, "unlock", "Open what you wrote and know, after a start",
                         [&a](const Context& c) { run_unlock(c, a.passphrase()); });
  add_passphrase_fd(unlock, a);
  command(app, chosen, "lock", "Close it: the node carries for others and reads nothing",
          [](const Context& c) { run_lock(c); });
  auto* passphrase = command(
      app, chosen, "passphrase", "Change the passphrase", [&a](const Context& c) {
        run_passphrase(c, {a.old_passphrase_fd, false}, a.new_passphrase());
      });
  passphrase
      ->add_option("--old-passphrase-fd", a.old_passphrase_fd,
                   "read the one of now from this open file, a line of it")
      ->check(CLI::NonNegativeNumber);
  add_new_passphrase_options(passphrase, a);
  auto* backup = command(
      app, chosen, "backup", "Write who you are, contacts and messages to a sealed file",
      [&a](const Context& c) { run_backup(c, a.file, a.passphrase()); });
  backup->add_option("file", a.file, "a new file")->required();
  add_passphrase_fd(backup, a);
  auto* restore = command(
      app, chosen, "restore", "Take a backup in, on a node where nobody is yet",
      [&a](const Context& c) {
        run_restore(c, a.file, {a.old_passphrase_fd, false}, a.new_passphrase());
      });
  restore->add_option("file", a.file, "what chaski backup wrote")->required();
  restore
      ->add_option("--backup-passphrase-fd", a.old_passphrase_fd,
                   "read the backup's passphrase from this open file, a line of it")
      ->check(CLI::NonNegativeNumber);
  add_new_passphrase_options(restore, a);
  command(app, chosen, "panic", "Destroy your identity, contacts and messages, for good",
          [&a](const Context& c) { run_panic(c, a.now); })
      ->add_flag("--now", a.now, "without asking whether you are sure");
}

void add_node(CLI::App& app, Arguments& a, Run& chosen) {
  auto* carry = command(app, chosen, "carry",
                        "Hand envelopes to a runner on a stick, or take theirs",
                        [&a](const Context& c) {
                          a.way == "out" ? run_carry_out(c, a.carry) : run_carry_in(c, a.carry);
                        });
  carry->add_option("way", a.way, "out: onto the stick; in: off it")
      ->required()
      ->check(CLI::IsMember({"out", "in"}));
  carry->add_option("folder", a.carry.folder, "a folder of the stick")->required();
  carry->add_option("--max", a.carry.max, "write, or read, at most so much, such as 500M");
  carry->add_flag("--all", a.carry.all,
                  "out: also what every place has that the stick has been to");
  command(app, chosen, "status", "Tell what the node is doing, what is off, and how to mend it",
          [](const Context& c) { run_status(c); });
  command(app, chosen, "completion", "Print the completion script of a shell",
          [&a](const Context& c) { run_completion(c, a.shell); })
      ->add_option("shell", a.shell, "bash, zsh or fish")
      ->required();
}

int fail(const CommandError& error, bool json) {
  std::fprintf(stderr, "%s\n", (json ? error_json(error) : error_line(error)).c_str());
  return static_cast<int>(error.exit);
}

/// Runs the chosen command; every kind of failure becomes one line.
int run_chosen(const Run& chosen, const Arguments& arguments) {
  const auto environment = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  try {
    Client client(socket_candidates(arguments.socket, environment));
    const Screen screen;
    chosen({client, screen, arguments.json, std::time(nullptr)});
    return static_cast<int>(ExitCode::ok);
  } catch (const CommandError& error) {
    return fail(error, arguments.json);
  } catch (const nlohmann::json::exception&) {
    // A field that the API promises was not there, or was of another type.
    return fail({ExitCode::not_understood, "not_understood", "the node's answer lacks a field",
                 "are chaski and chaskid of the same version? See chaski --version"},
                arguments.json);
  }
}

int usage_failure(const CLI::App& app, const CLI::ParseError& error, bool json) {
  std::string command = "chaski";
  for (const CLI::App* sub : app.get_subcommands()) command += " " + sub->get_name();
  std::string what = error.what();
  if (const auto line_end = what.find('\n'); line_end != std::string::npos) what.resize(line_end);
  return fail(usage_error(what, "see " + command + " --help"), json);
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App app{"Writes and reads messages of the chaski mesh, through the node on this machine."};
  app.name("chaski");
  app.set_version_flag("--version", std::string("chaski ") + CHASKI_VERSION);
  app.footer(kFooter);
  app.fallthrough();
  app.require_subcommand(0, 1);  // a missing one is ours to report, after an unknown one
  Arguments arguments;
  Run chosen;
  app.add_flag("--json", arguments.json, "print what the node's API answered");
  app.add_option("--socket", arguments.socket, "the node's socket");
  add_people(app, arguments, chosen);
  add_introductions(app, arguments, chosen);
  add_messages(app, arguments, chosen);
  add_conversation(app, arguments, chosen);
  add_vault(app, arguments, chosen);
  add_node(app, arguments, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help or --version
    return app.exit(wish);
  } catch (const CLI::ParseError& error) {
    return usage_failure(app, error, arguments.json);
  }
  if (!chosen) {
    return fail(usage_error("no command was given", "see chaski --help"), arguments.json);
  }
  return run_chosen(chosen, arguments);
}

}  // namespace chaski::tools
