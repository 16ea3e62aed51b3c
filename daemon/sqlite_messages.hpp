// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <unordered_map>
#include <vector>

#include "daemon/body_segments.hpp"
#include "daemon/people_records.hpp"
#include "daemon/sealed_rows.hpp"
#include "node/body_pool.hpp"

namespace chaski::daemon {

/// The person's messages: sealed rows, texts above kInlineTextMax in segment files, sealed as well.
///
/// Rules: (1) messages, their newest states and the heads of threads wait in memory until the
/// commit, or until kPendingMax of them wait. (2) With whom a message was, and in which direction,
/// stands in no column: messages with one contact are a chain from the newest back, and so is the
/// life of each. (3) What was written here and has no known end is a list of its own, read whole
/// when the vault opens. Nothing but take_stock() may be called while it is closed.
class SqliteMessages {
 public:
  static constexpr std::uint8_t kLifeEventsMax = 64;
  static constexpr std::size_t kInlineTextMax = 8'192;
  static constexpr std::size_t kPendingMax = 4'096;

  SqliteMessages(Database& database, SqliteTransaction& transaction, BodySegments& texts,
                 RecordSum& sum);

  /// At start and after a rollback: which texts lie in segments. Throws StartError.
  void take_stock();
  /// Reads what is kept in memory; false when a row does not open.
  bool open(const vault::RecordSealer& sealer);
  void close();
  /// Whether there is any row that only an open vault can read.
  bool empty() { return lives_.empty() && threads_.empty() && count_rows() == 0; }

  node::MessageId add(const node::MessageRecord& message);
  void set_state(node::MessageId id, node::MessageState state, std::int64_t unix_s);
  void erase(node::MessageId id);
  node::ThreadSearch search(const e2ee::PersonId& contact,
                            std::span<const wire::EnvelopeId> wanted, node::MessageId from,
                            std::size_t steps);
  void save_timer(node::MessageId id, base::Time due);
  void for_each_timer(
      const std::function<void(node::MessageId, base::Time due)>& visit) const;
  std::optional<node::MessageRecord> find(node::MessageId id);
  std::optional<node::MessageRecord> find_outgoing(const wire::EnvelopeId& envelope);
  void for_each_undelivered(
      const std::function<void(const wire::EnvelopeId&, node::MessageId)>& visit) const;
  std::vector<node::MessageRecord> query(const node::MessageQuery& query);
  void add_life_event(node::MessageId id, const node::LifeEvent& event);
  std::vector<node::LifeEvent> life_events(node::MessageId id);
  std::uint64_t count() const { return next_ - 1; }
  /// Records that were there and did not open, since the vault opened.
  std::uint64_t damaged() const { return damaged_; }

  void write_pending();
  /// What was written is durable: texts that nobody names any more give up their place.
  void committed();

 private:
  /// Where a text lies: here, or sealed in a segment.
  struct Text {
    base::Bytes sealed;
    BodyPlace place;
    std::uint32_t sealed_size = 0;
  };
  struct Pending {
    MessageHead head;
    Text text;
    bool is_new = false;
    bool is_erased = false;  ///< what it said has to go from the database
  };
  struct ThreadState {
    std::uint64_t row = 0;
    node::MessageId last = 0;
    bool changed = false;
  };
  struct TimerState {
    std::uint64_t row = 0;
    base::Time due{};
  };
  struct UndeliveredState {
    std::uint64_t row = 0;
    node::MessageId message = 0;
  };

  std::uint64_t count_rows();
  Text store_text(node::MessageId id, base::ByteView text);
  /// The head as it is now; to be changed in place when it is pending.
  std::optional<MessageHead> head(node::MessageId id);
  Pending* pending(node::MessageId id);
  void end_delivery(const node::MessageRecord& message);
  void release_text(node::MessageId id, Pending& erased);
  std::optional<std::string> open_text(node::MessageId id, Text& text);
  void write(node::MessageId id, const Pending& pending);
  std::optional<LifeRow> life_row(std::uint64_t row);

  Database& database_;
  SqliteTransaction& transaction_;
  BodySegments& texts_;
  SealedRows threads_;
  SealedRows undelivered_;
  SealedRows lives_;
  SealedRows timers_;
  Statement insert_;
  Statement update_;
  Statement erase_;
  Statement find_;

  const vault::RecordSealer* sealer_ = nullptr;
  std::map<node::MessageId, Pending> pending_;
  std::map<e2ee::PersonId, ThreadState> thread_of_;
  std::unordered_map<wire::EnvelopeId, UndeliveredState, node::EnvelopeIdHash> undelivered_by_id_;
  std::map<node::MessageId, TimerState> timer_of_;
  std::vector<std::pair<BodyPlace, std::uint32_t>> released_;  ///< texts to be given up at commit
  node::MessageId next_ = 1;
  std::uint64_t next_thread_ = 1;
  std::uint64_t next_undelivered_ = 1;
  std::uint64_t next_life_ = 1;
  std::uint64_t next_timer_ = 1;
  std::uint64_t damaged_ = 0;
};

}  // namespace chaski::daemon
