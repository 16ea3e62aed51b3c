// SPDX-License-Identifier: Apache-2.0
#include "daemon/people_records.hpp"

#include <concepts>

#include "attachment/copy_sealing.hpp"
#include "attachment/manifest.hpp"
#include "e2ee/codec.hpp"

namespace chaski::daemon {
namespace {

/// Appends what e2ee::Reader reads.
class Appender {
 public:
  template <std::integral T>
  Appender& number(T value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      out_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
    }
    return *this;
  }
  Appender& bytes(base::ByteView bytes) {
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Appender& short_text(std::string_view text) {
    text = text.substr(0, 255);
    number(static_cast<std::uint8_t>(text.size()));
    return bytes(base::as_bytes(text));
  }
  base::Bytes done() { return std::move(out_); }

 private:
  base::Bytes out_;
};

std::int64_t signed_number(e2ee::Reader& in) {
  return static_cast<std::int64_t>(in.number<std::uint64_t>());
}

/// An enum of values 0 to `last`.
template <class Enum>
bool take_enum(e2ee::Reader& in, Enum last, Enum& out) {
  const auto value = in.number<std::uint8_t>();
  out = static_cast<Enum>(value);
  return value <= static_cast<std::uint8_t>(last);
}

template <class Row>
std::optional<Row> whole(const e2ee::Reader& in, bool good, Row row) {
  if (!good || !in.finished()) return std::nullopt;
  return row;
}

}  // namespace

base::Bytes encode_contact(const node::ContactRecord& c) {
  Appender out;
  out.bytes(c.id.view())
      .bytes(c.identity.agreement.view())
      .bytes(c.identity.signing.view())
      .number(static_cast<std::uint8_t>(c.trust))
      .number(static_cast<std::uint8_t>(c.blocked ? 1 : 0))
      .number(static_cast<std::uint8_t>(c.met))
      .number(c.added_unix_s)
      .short_text(c.name)
      .short_text(c.own_name);
  if (c.met == node::Met::introduction) out.bytes(c.introduced_by.view());
  return out.done();
}

std::optional<node::ContactRecord> decode_contact(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  node::ContactRecord c;
  in.fill(c.id);
  in.fill(c.identity.agreement);
  in.fill(c.identity.signing);
  bool good = take_enum(in, node::Trust::changed, c.trust);
  const auto blocked = in.number<std::uint8_t>();
  good = good && blocked <= 1;
  c.blocked = blocked == 1;
  good = take_enum(in, node::kMetLast, c.met) && good;
  c.added_unix_s = signed_number(in);
  c.name = in.short_text();
  c.own_name = in.short_text();
  if (c.met == node::Met::introduction) in.fill(c.introduced_by);
  return whole(in, good, std::move(c));
}

base::Bytes encode_head(const MessageHead& head) {
  const node::MessageRecord& m = head.record;
  return Appender()
      .number(static_cast<std::uint8_t>(m.direction))
      .number(static_cast<std::uint8_t>(m.state))
      .number(static_cast<std::uint8_t>(m.kind))
      .bytes(m.contact.view())
      .bytes(m.envelope.view())
      .bytes(m.about.value_or(wire::EnvelopeId{}).view())
      .number(m.sent_unix_s)
      .number(m.received_unix_s)
      .number(m.delivered_unix_s)
      .number(m.read_unix_s)
      .number(m.lifetime_s)
      .number(m.age_ms)
      .number(m.disappears_after_s)
      .number(head.text_size)
      .number(head.previous)
      .number(head.last_life)
      .number(head.life_count)
      .done();
}

static_assert(kHeadSize == 3 + e2ee::PersonId::kSize + 2 * wire::EnvelopeId::kSize + 32 + 4 + 8 +
                               4 + 4 + 8 + 8 + 1);

std::optional<MessageHead> decode_head(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  MessageHead head;
  node::MessageRecord& m = head.record;
  bool good = take_enum(in, node::Direction::incoming, m.direction);
  good = take_enum(in, node::MessageState::deleted, m.state) && good;
  good = take_enum(in, e2ee::kContentKindLast, m.kind) && good;
  in.fill(m.contact);
  in.fill(m.envelope);
  wire::EnvelopeId about;
  in.fill(about);
  if (!about.is_zero()) m.about = about;
  m.sent_unix_s = signed_number(in);
  m.received_unix_s = signed_number(in);
  m.delivered_unix_s = signed_number(in);
  m.read_unix_s = signed_number(in);
  m.lifetime_s = in.number<std::uint32_t>();
  m.age_ms = in.number<std::uint64_t>();
  m.disappears_after_s = in.number<std::uint32_t>();
  head.text_size = in.number<std::uint32_t>();
  head.previous = in.number<std::uint64_t>();
  head.last_life = in.number<std::uint64_t>();
  head.life_count = in.number<std::uint8_t>();
  return whole(in, good, std::move(head));
}

base::Bytes encode_life(const LifeRow& row) {
  return Appender()
      .number(row.previous)
      .number(row.event.unix_s)
      .number(base::to_us(row.event.time))
      .short_text(row.event.what)
      .short_text(row.event.neighbour)
      .done();
}

std::optional<LifeRow> decode_life(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  LifeRow row;
  row.previous = in.number<std::uint64_t>();
  row.event.unix_s = signed_number(in);
  row.event.time = base::from_us(signed_number(in));
  row.event.what = in.short_text();
  row.event.neighbour = in.short_text();
  return whole(in, true, std::move(row));
}

base::Bytes encode_item(std::string_view name, base::ByteView value) {
  return Appender().short_text(name).bytes(value).done();
}

std::optional<ItemView> decode_item(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  ItemView item{in.short_text(), {}};
  if (!in.ok()) return std::nullopt;
  item.value = in.rest();
  return item;
}

base::Bytes encode_standing(const BackedUpStanding& standing) {
  return Appender().bytes(standing.contact.view()).bytes(standing.bytes).done();
}

std::optional<BackedUpStanding> decode_standing(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  BackedUpStanding out;
  in.fill(out.contact);
  if (!in.ok()) return std::nullopt;
  out.bytes.assign(in.rest().begin(), in.rest().end());
  return out;
}

base::Bytes encode_thread(const Thread& thread) {
  return Appender().bytes(thread.contact.view()).number(thread.last).done();
}

std::optional<Thread> decode_thread(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  Thread thread;
  in.fill(thread.contact);
  thread.last = in.number<std::uint64_t>();
  return whole(in, true, thread);
}

base::Bytes encode_timer(const Timer& timer) {
  return Appender().number(timer.message).number(base::to_us(timer.due)).done();
}

std::optional<Timer> decode_timer(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  Timer timer;
  timer.message = in.number<std::uint64_t>();
  timer.due = base::from_us(signed_number(in));
  return whole(in, true, timer);
}

base::Bytes encode_undelivered(const Undelivered& row) {
  return Appender().bytes(row.envelope.view()).number(row.message).done();
}

std::optional<Undelivered> decode_undelivered(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  Undelivered row;
  in.fill(row.envelope);
  row.message = in.number<std::uint64_t>();
  return whole(in, true, row);
}

base::Bytes encode_file(const node::FileRecord& file) {
  return Appender()
      .number(file.message)
      .bytes(file.contact.view())
      .number(static_cast<std::uint8_t>(file.direction))
      .number(static_cast<std::uint8_t>(file.state))
      .number(base::to_us(file.ends))
      .number(file.next_group)
      .number(file.next_row)
      .number(file.parity_groups)
      .short_text(base::as_text(file.copy_key))
      .bytes(file.manifest)
      .done();
}

std::optional<node::FileRecord> decode_file(base::ByteView bytes) {
  e2ee::Reader in(bytes);
  node::FileRecord file;
  file.message = in.number<std::uint64_t>();
  in.fill(file.contact);
  bool good = take_enum(in, node::Direction::incoming, file.direction);
  good = take_enum(in, node::kFileStateLast, file.state) && good;
  file.ends = base::from_us(signed_number(in));
  file.next_group = in.number<std::uint32_t>();
  file.next_row = in.number<std::uint32_t>();
  file.parity_groups = in.number<std::uint32_t>();
  const base::ByteView key = base::as_bytes(in.short_text());
  good = good && key.size() == attachment::CopyKey::kSize;
  file.copy_key.assign(key.begin(), key.end());
  const base::ByteView manifest = in.rest();
  const auto read = attachment::decode_manifest(manifest);
  if (!in.ok() || !good || !read) return std::nullopt;
  const attachment::ChunkPlan& plan = read->plan;
  if (file.next_group > plan.groups() || file.parity_groups > file.next_group) {
    return std::nullopt;
  }
  const std::uint32_t rows = file.next_group < plan.groups() ? plan.group_data(file.next_group) : 1;
  if (file.next_row >= rows) return std::nullopt;
  file.manifest.assign(manifest.begin(), manifest.end());
  return file;
}

}  // namespace chaski::daemon
