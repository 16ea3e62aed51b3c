// SPDX-License-Identifier: Apache-2.0
#include "observer.hpp"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <unordered_set>

#include "e2ee/labels.hpp"
#include "field.hpp"

namespace chaski::e2ee::test {
namespace {

/// Bytes looked at from the front (tag 8, commitment 16, encrypted header 36, some of the rest) and
/// from the end (text, authenticator 16).
constexpr std::size_t kFront = 112;
constexpr std::size_t kBack = 24;
constexpr std::size_t kPlaces = kFront + kBack;

std::uint8_t at_place(const base::Bytes& bytes, std::size_t place) {
  return place < kFront ? bytes[place] : bytes[bytes.size() - kPlaces + place];
}

/// So many successes of so many, where chance gives `p`.
double sigmas(double successes, double tries, double p) {
  return (successes - tries * p) / std::sqrt(tries * p * (1 - p));
}

/// Naive Bayes over features that are small numbers: `features(seen, out)` fills them.
template <class Features>
double naive_bayes(const std::vector<Seen>& seen, std::uint16_t Seen::*label, std::size_t count,
                   Features features) {
  std::uint16_t labels = 0;
  for (const Seen& one : seen) labels = std::max(labels, one.*label);
  ++labels;
  // Envelopes of even number teach, those of odd number are guessed.
  std::vector<float> weight(std::size_t{labels} * count * 256, 0.5F);
  std::vector<std::uint8_t> values(count);
  for (std::size_t i = 0; i < seen.size(); i += 2) {
    features(seen[i], values);
    float* of_label = &weight[std::size_t{seen[i].*label} * count * 256];
    for (std::size_t f = 0; f < count; ++f) of_label[f * 256 + values[f]] += 1;
  }
  for (std::size_t row = 0; row < std::size_t{labels} * count; ++row) {
    float total = 0;
    for (std::size_t v = 0; v < 256; ++v) total += weight[row * 256 + v];
    for (std::size_t v = 0; v < 256; ++v) {
      weight[row * 256 + v] = std::log(weight[row * 256 + v] / total);
    }
  }
  double right = 0;
  double tries = 0;
  std::vector<double> truly(labels);
  std::vector<double> guessed(labels);
  for (std::size_t i = 1; i < seen.size(); i += 2) {
    features(seen[i], values);
    std::size_t best = 0;
    double best_score = -1e300;
    for (std::size_t l = 0; l < labels; ++l) {
      double score = 0;
      const float* of_label = &weight[l * count * 256];
      for (std::size_t f = 0; f < count; ++f) score += of_label[f * 256 + values[f]];
      if (score > best_score) {
        best_score = score;
        best = l;
      }
    }
    right += best == seen[i].*label;
    truly[seen[i].*label] += 1;
    guessed[best] += 1;
    tries += 1;
  }
  // Guesses that know nothing, each label as often as it was guessed, would be right so often.
  double chance = 0;
  for (std::size_t l = 0; l < labels; ++l) chance += truly[l] / tries * (guessed[l] / tries);
  return sigmas(right, tries, chance);
}

/// Everything a guess may rest on: each byte, what stands open, the size.
constexpr std::size_t kFeatures = kPlaces + 7;
void features_of(const Seen& seen, std::vector<std::uint8_t>& values) {
  for (std::size_t p = 0; p < kPlaces; ++p) values[p] = at_place(seen.bytes, p);
  std::copy(seen.open.begin(), seen.open.end(), values.begin() + kPlaces);
  values[kPlaces + 6] = static_cast<std::uint8_t>(seen.bytes.size() / 8 % 256);
}

std::uint64_t load(const base::Bytes& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, size);
  return value;
}

}  // namespace

Finding Observer::bayes(const std::string& what, std::uint16_t Seen::*label) const {
  return {"naive Bayes names the " + what, naive_bayes(seen_, label, kFeatures, features_of)};
}

Finding Observer::dependence(const std::string& what, std::uint16_t Seen::*label) const {
  std::uint16_t labels = 0;
  for (const Seen& one : seen_) labels = std::max(labels, one.*label);
  ++labels;
  std::vector<double> count(kFeatures * 256 * labels);
  std::vector<double> of_value(kFeatures * 256);
  std::vector<double> of_label(labels);
  std::vector<std::uint8_t> values(kFeatures);
  for (const Seen& one : seen_) {
    features_of(one, values);
    of_label[one.*label] += 1;
    for (std::size_t f = 0; f < kFeatures; ++f) {
      count[(f * 256 + values[f]) * labels + one.*label] += 1;
      of_value[f * 256 + values[f]] += 1;
    }
  }
  double worst = 0;
  const double total = static_cast<double>(seen_.size());
  for (std::size_t f = 0; f < kFeatures; ++f) {
    double chi = 0;
    double seen_values = 0;
    for (std::size_t v = 0; v < 256; ++v) {
      if (of_value[f * 256 + v] == 0) continue;
      seen_values += 1;
      for (std::size_t l = 0; l < labels; ++l) {
        const double expected = of_value[f * 256 + v] * of_label[l] / total;
        const double off = count[(f * 256 + v) * labels + l] - expected;
        chi += off * off / expected;
      }
    }
    const double freedom = (seen_values - 1) * (labels - 1);
    if (freedom > 0) worst = std::max(worst, (chi - freedom) / std::sqrt(2 * freedom));
  }
  return {"some byte depends on the " + what, worst};
}

Finding Observer::bits(std::uint16_t Seen::*label) const {
  return {"bit statistics name the conversation",
          naive_bayes(seen_, label, 9, [](const Seen& seen, std::vector<std::uint8_t>& v) {
            const std::size_t part = seen.bytes.size() / 8;
            std::array<std::uint8_t, 256> times{};
            v[8] = 0;
            for (std::size_t p = 0; p < 8; ++p) {
              unsigned set = 0;
              for (std::size_t i = 0; i < part; ++i) {
                set += static_cast<unsigned>(std::popcount(seen.bytes[p * part + i]));
              }
              v[p] = static_cast<std::uint8_t>(set * 64 / part % 256);
            }
            for (const std::uint8_t byte : seen.bytes) v[8] = std::max(v[8], ++times[byte]);
          })};
}

Finding Observer::repeated_four() const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> windows;
  for (std::size_t i = 0; i < seen_.size(); i += 4) {
    for (std::size_t at = 0; at + 4 <= kFront; ++at) {
      windows.emplace_back(load(seen_[i].bytes, at, 4), i);
    }
  }
  std::sort(windows.begin(), windows.end());
  double pairs = 0;
  double same = 0;
  for (std::size_t i = 1; i < windows.size(); ++i) {
    if (windows[i].first != windows[i - 1].first) continue;
    if (windows[i].second == windows[i - 1].second) continue;
    pairs += 1;
    same += seen_[windows[i].second].conversation == seen_[windows[i - 1].second].conversation;
  }
  std::unordered_map<std::uint16_t, double> share;
  for (const Seen& one : seen_) share[one.conversation] += 1.0 / static_cast<double>(seen_.size());
  double chance = 0;
  for (const auto& [conversation, part] : share) chance += part * part;
  return {"4 bytes in common link envelopes of a conversation",
          pairs < 10 ? 0 : sigmas(same, pairs, chance)};
}

Finding Observer::repeated_eight() const {
  std::vector<std::uint64_t> windows;
  for (const Seen& one : seen_) {
    for (std::size_t at = 0; at + 8 <= kFront; at += 1) {
      windows.push_back(load(one.bytes, at, 8));
    }
  }
  std::sort(windows.begin(), windows.end());
  double repeated = 0;
  for (std::size_t i = 1; i < windows.size(); ++i) repeated += windows[i] == windows[i - 1];
  // One by chance in a hundred thousand such tests; every one counts as a hundred deviations.
  return {"8 bytes occur twice", repeated * 100};
}

Finding Observer::x25519_points() const {
  double worst = 0;
  constexpr std::size_t kSample = 1'500;
  for (std::size_t at = 0; at + 32 <= kFront; ++at) {
    double top_clear = 0;
    for (const Seen& one : seen_) top_clear += one.bytes[at + 31] < 128;
    worst = std::max(worst, std::abs(sigmas(top_clear, static_cast<double>(seen_.size()), 0.5)));
  }
  for (std::size_t at = 0; at + 32 <= kFront; at += 2) {
    double on_curve = 0;
    for (std::size_t i = 0; i < kSample / 10; ++i) {
      on_curve +=
          is_on_curve25519(base::ByteView(seen_[i * seen_.size() / kSample].bytes).subspan(at, 32));
    }
    worst = std::max(worst, std::abs(sigmas(on_curve, kSample / 10, 0.5)));
  }
  return {"X25519 keys stand somewhere", worst};
}

Finding Observer::ed25519_points() const {
  double worst = 0;
  constexpr std::size_t kSample = 60;
  for (std::size_t at = 0; at + 32 <= kFront; ++at) {
    double valid = 0;
    for (std::size_t i = 0; i < kSample; ++i) {
      const auto& bytes = seen_[i * seen_.size() / kSample].bytes;
      valid += crypto_core_ed25519_is_valid_point(bytes.data() + at) == 1;
    }
    worst = std::max(worst, sigmas(valid, kSample, 1.0 / 16));
  }
  return {"Ed25519 keys stand somewhere", worst};
}

Finding Observer::from_public_keys() const {
  // Everything that somebody without a secret can make of the keys of one or two people: the bytes
  // themselves, and hashes of them with every label, in both orders.
  std::unordered_set<std::uint64_t> predicted;
  const auto add = [&predicted](base::ByteView bytes) {
    for (std::size_t at = 0; at + 8 <= bytes.size(); at += 4) {
      std::uint64_t value = 0;
      std::memcpy(&value, bytes.data() + at, 8);
      predicted.insert(value);
    }
  };
  const std::string_view labels[] = {
      "",           label::kAnswerTag, label::kAnswerMask, label::kTagBlock,
      label::kRoot, label::kTagStep,   label::kDirection,  label::kPerson};
  for (const base::Bytes& one : public_keys_) {
    add(one);
    for (const base::Bytes& two : public_keys_) {
      base::Bytes both = one;
      both.insert(both.end(), two.begin(), two.end());
      for (const std::string_view label : labels) {
        std::array<std::uint8_t, 16> personal{};
        std::copy(label.begin(), label.end(), personal.begin());
        std::array<std::uint8_t, 64> out;
        crypto_generichash_blake2b_salt_personal(out.data(), out.size(), both.data(), both.size(),
                                                 nullptr, 0, nullptr, personal.data());
        add(out);
      }
    }
  }
  double found = 0;
  for (std::size_t i = 0; i < seen_.size(); i += 3) {
    for (std::size_t at = 0; at + 8 <= kFront; ++at) {
      found += predicted.contains(load(seen_[i].bytes, at, 8));
    }
  }
  return {"bytes come from public keys", found * 100};
}

Finding Observer::resembles_the_one_before() const {
  // Equal bytes at equal places, against the one before in the same conversation and against the
  // one before of all.
  const auto alike = [](const base::Bytes& a, const base::Bytes& b) {
    double count = 0;
    for (std::size_t p = 0; p < kPlaces; ++p) count += at_place(a, p) == at_place(b, p);
    return count;
  };
  std::unordered_map<std::uint16_t, std::size_t> last;
  double difference = 0;
  double squares = 0;
  for (std::size_t i = 1; i < seen_.size(); ++i) {
    const auto before = last.find(seen_[i].conversation);
    if (before != last.end() && seen_[before->second].bytes.size() == seen_[i].bytes.size()) {
      // Against a stranger's of the same size.
      std::size_t other = i - 1;
      while (other > 0 && (seen_[other].conversation == seen_[i].conversation ||
                           seen_[other].bytes.size() != seen_[i].bytes.size())) {
        --other;
      }
      const double d = alike(seen_[i].bytes, seen_[before->second].bytes) -
                       alike(seen_[i].bytes, seen_[other].bytes);
      difference += d;
      squares += d * d;
    }
    last[seen_[i].conversation] = i;
  }
  return {"an envelope resembles the one before it in its conversation",
          difference / std::sqrt(std::max(squares, 1.0))};
}

std::vector<Finding> Observer::findings() const {
  return {bayes("sender", &Seen::sender),
          bayes("recipient", &Seen::recipient),
          bayes("conversation", &Seen::conversation),
          dependence("sender", &Seen::sender),
          dependence("recipient", &Seen::recipient),
          dependence("conversation", &Seen::conversation),
          bits(&Seen::conversation),
          repeated_four(),
          repeated_eight(),
          x25519_points(),
          ed25519_points(),
          from_public_keys(),
          resembles_the_one_before()};
}

}  // namespace chaski::e2ee::test
