// SPDX-License-Identifier: Apache-2.0
// chaski-vectors: worked bytes of every format, from a seed, for other implementations and ours.
#include <CLI/CLI.hpp>
#include <iostream>

#include "tools/vectors/documents.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/reconcile_command.hpp"

namespace {

using namespace chaski::vectors;

struct Choice {
  std::string page;
  std::string vector;
  std::uint64_t seed = kDocumentSeed;
  std::string folder;
  bool write = false;
};

int print(const Choice& choice) {
  const auto page = make_page(choice.page, choice.seed);
  if (choice.vector.empty()) {
    std::cout << to_json(*page).dump(2) << '\n';
    return 0;
  }
  const Vector* vector = page->find(choice.vector);
  if (vector == nullptr) {
    std::cerr << "chaski-vectors: '" << choice.page << "' has no vector '" << choice.vector
              << "'\n";
    return 2;
  }
  std::cout << to_text(*vector);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Worked bytes of every format of chaski, as JSON.");
  app.require_subcommand(1);
  Choice choice;
  for (const PageEntry& entry : pages()) {
    const std::string name(entry.name);
    CLI::App* command = app.add_subcommand(name, "vectors of docs/protocol/" + name + ".md");
    command->add_option("name", choice.vector, "one vector, as the text that the document shows");
    command->add_option("--seed", choice.seed, "what the random bytes come from")
        ->capture_default_str();
    command->callback([&choice, name] { choice.page = name; });
  }
  ReconcileCommand reconcile;
  reconcile.add_options(*app.get_subcommand("reconcile"));
  CLI::App* documents = app.add_subcommand("documents", "hold documents to their vectors");
  documents->add_option("folder", choice.folder, "folder of .md files")
      ->required()
      ->check(CLI::ExistingDirectory);
  documents->add_flag("--write", choice.write, "make the blocks right instead");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (*documents) return check_documents(choice.folder, choice.write);
  if (reconcile.given()) return reconcile.run();
  return print(choice);
}
