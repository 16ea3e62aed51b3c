// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/npy_header.hpp"

#include <charconv>
#include <optional>
#include <string_view>

#include "sim/text/parse_error.hpp"

namespace chaski::sim {
namespace {

constexpr std::size_t kHeaderMax = 65'536;
constexpr std::size_t kDimensionsMax = 8;

base::Expected<NpyHeader, NpyError> fail(std::string expected, std::string found) {
  return base::unexpected(NpyError{std::move(expected), std::move(found)});
}

/// Reads the literals of Python that a header consists of, from left to right.
class Literal {
 public:
  explicit Literal(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    skip();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  std::optional<std::string_view> string() {
    skip();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) return {};
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) return {};
    const std::string_view value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::optional<bool> boolean() {
    if (take("True")) return true;
    if (take("False")) return false;
    return {};
  }
  std::optional<std::vector<std::uint64_t>> tuple() {
    if (!take("(")) return {};
    std::vector<std::uint64_t> values;
    while (!take(")")) {
      skip();
      std::uint64_t value = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
      if (error != std::errc{} || values.size() == kDimensionsMax) return {};
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      values.push_back(value);
      if (!take(",")) {
        if (!take(")")) return {};
        break;
      }
    }
    return values;
  }
  bool at_end() {
    skip();
    return rest_.empty();
  }
  std::string_view rest() const { return rest_; }

 private:
  void skip() {
    const std::size_t first = rest_.find_first_not_of(" \n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  std::string_view rest_;
};

base::Expected<NpyHeader, NpyError> parse_dictionary(std::string_view text) {
  NpyHeader header;
  std::optional<std::string_view> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::uint64_t>> shape;
  Literal literal(text);
  const auto wrong = [&](const char* expected) {
    return fail(std::string(expected) + " in the header", in_quotes(literal.rest()));
  };
  if (!literal.take("{")) return wrong("a dictionary");
  while (!literal.take("}")) {
    const auto key = literal.string();
    if (!key || !literal.take(":")) return wrong("a key of the dictionary");
    if (*key == "descr" && !descr) {
      descr = literal.string();
      if (!descr) return wrong("one type of elements");
    } else if (*key == "fortran_order" && !fortran_order) {
      fortran_order = literal.boolean();
      if (!fortran_order) return wrong("True or False");
    } else if (*key == "shape" && !shape) {
      shape = literal.tuple();
      if (!shape) return wrong("a tuple of at most 8 sizes");
    } else {
      return fail("the keys descr, fortran_order and shape in the header, each once",
                  in_quotes(*key));
    }
    if (literal.take(",")) continue;
    if (!literal.take("}")) return wrong("a comma or the end of the dictionary");
    break;
  }
  if (!literal.at_end()) return wrong("nothing more");
  if (!descr || !fortran_order || !shape) {
    return fail("the keys descr, fortran_order and shape in the header", "not all of them");
  }
  header.descr = *descr;
  header.fortran_order = *fortran_order;
  header.shape = *std::move(shape);
  return header;
}

}  // namespace

base::Expected<NpyHeader, NpyError> parse_npy_header(base::ByteView bytes) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic)) {
    return fail("a NumPy file, which begins with \\x93NUMPY", in_quotes(text.substr(0, 6)));
  }
  if (bytes.size() < 10) return fail("the header of a NumPy file", "its end");
  const std::size_t length_size = bytes[6] == 1 ? 2 : 4;
  if (bytes[6] < 1 || bytes[6] > 3 || bytes[7] != 0) {
    return fail("version 1.0, 2.0 or 3.0 of the NumPy format",
                std::to_string(bytes[6]) + "." + std::to_string(bytes[7]));
  }
  const std::size_t before = 8 + length_size;
  if (bytes.size() < before) return fail("the header of a NumPy file", "its end");
  std::size_t length = 0;
  for (std::size_t i = length_size; i > 0; --i) length = length << 8 | bytes[7 + i];
  if (length > kHeaderMax) {
    return fail("a header of at most " + std::to_string(kHeaderMax) + " bytes",
                std::to_string(length));
  }
  if (bytes.size() - before < length) return fail("the header of a NumPy file", "its end");
  auto header = parse_dictionary(text.substr(before, length));
  if (header) header->size = before + length;
  return header;
}

}  // namespace chaski::sim
