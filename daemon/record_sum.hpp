// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>

#include "vault/record_sealer.hpp"

namespace chaski::daemon {

/// The sum over all sealed rows of the tables that are read whole when the vault opens.
///
/// It is kept beside them, so that a row that is missing, or was put back as it once was, shows:
/// the sum that is there is not the one that they make.
class RecordSum {
 public:
  /// The row lies there so from now on.
  void put(vault::Table table, std::uint64_t row, const vault::RecordMark& mark) {
    const auto [known, added] = marks_.try_emplace({table, row}, mark);
    if (!added && known->second == mark) return;
    if (!added) add(std::exchange(known->second, mark));
    add(mark);
    changed_ = true;
  }
  void erase(vault::Table table, std::uint64_t row) {
    const auto known = marks_.find({table, row});
    if (known == marks_.end()) return;
    add(known->second);
    marks_.erase(known);
    changed_ = true;
  }
  const vault::RecordMark& value() const { return sum_; }
  std::size_t rows() const { return marks_.size(); }
  /// Whether it changed since saved().
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }
  void clear() { *this = RecordSum(); }

 private:
  void add(const vault::RecordMark& mark) {
    for (std::size_t i = 0; i < mark.size(); ++i) sum_[i] ^= mark[i];
  }

  std::map<std::pair<vault::Table, std::uint64_t>, vault::RecordMark> marks_;
  vault::RecordMark sum_{};
  bool changed_ = false;
};

}  // namespace chaski::daemon
