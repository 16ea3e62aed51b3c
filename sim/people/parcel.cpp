// SPDX-License-Identifier: Apache-2.0
#include "sim/people/parcel.hpp"

#include <algorithm>
#include <charconv>

namespace chaski::sim {
namespace {

constexpr std::string_view kPrefix = "file-";

/// Eight bytes of the file, by the finalizer of splitmix64.
std::uint64_t word(std::uint64_t message, std::uint64_t number) {
  std::uint64_t value = (message << 32 ^ number) + 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

}  // namespace

std::string Parcel::name() const {
  return std::string(kPrefix) + std::to_string(message_);
}

std::optional<std::size_t> Parcel::message_in(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  std::size_t message = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kPrefix.size(), end, message);
  return error == std::errc() && rest == end ? std::optional(message) : std::nullopt;
}

void Parcel::fill(base::MutableByteView piece) {
  for (std::uint8_t& byte : piece) {
    byte = static_cast<std::uint8_t>(word(message_, offset_ / 8) >> (8 * (offset_ % 8)));
    ++offset_;
  }
}

bool Parcel::same_as(node::FileReader& reader, std::uint64_t size) {
  base::Bytes expected;
  for (base::Bytes got = reader.next(); !got.empty(); got = reader.next()) {
    expected.resize(got.size());
    fill(expected);
    if (got != expected) return false;
  }
  return reader.end() == node::FileReader::End::right && offset_ == size;
}

}  // namespace chaski::sim
