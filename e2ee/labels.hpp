// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace chaski::e2ee::label {

/// Bytes of a label, zero padded.
inline constexpr std::size_t kSize = 16;

// Every hash of this folder is BLAKE2b with one of these as its 16-byte personalisation, and every
// step of a chain Salsa20 with one as its 16-byte input (both zero padded), so that no output of
// one use is ever the output of another. The digit is the version of the rules.

inline constexpr std::string_view kPerson = "chaski1 person";
inline constexpr std::string_view kFingerprint = "chaski1 finger";
inline constexpr std::string_view kSafetyNumber = "chaski1 safety";
inline constexpr std::string_view kLinkChecksum = "chaski1 link";
inline constexpr std::string_view kSaveChecksum = "chaski1 saved";

inline constexpr std::string_view kAnswerTag = "chaski1 ans tag";
inline constexpr std::string_view kAnswerMask = "chaski1 ans mask";
inline constexpr std::string_view kAnswerKey = "chaski1 ans key";
inline constexpr std::string_view kAnswerBinding = "chaski1 ans bind";
inline constexpr std::string_view kAnswerWork = "chaski1 ans work";

/// Signed before the bytes of a card; nothing else of ours is ever signed.
inline constexpr std::string_view kCardSignature = "chaski1 card sig";
inline constexpr std::string_view kCardRendezvous = "chaski1 card rdv";
inline constexpr std::string_view kCardTag = "chaski1 card tag";
inline constexpr std::string_view kCardWork = "chaski1 card wrk";

inline constexpr std::string_view kTranscript = "chaski1 transcr";
inline constexpr std::string_view kSetup = "chaski1 setup";
inline constexpr std::string_view kSetupRoot = "chaski1 set root";
inline constexpr std::string_view kSetupChain = "chaski1 set chna";
inline constexpr std::string_view kSetupTagsOfAcceptor = "chaski1 set taga";
inline constexpr std::string_view kSetupNextTagsOfAcceptor = "chaski1 set nxta";
inline constexpr std::string_view kSetupTagsOfInviter = "chaski1 set tagi";
inline constexpr std::string_view kSetupConfirm = "chaski1 set conf";
inline constexpr std::string_view kConfirmation = "chaski1 confirm";

inline constexpr std::string_view kRoot = "chaski1 root";
inline constexpr std::string_view kRootNext = "chaski1 root rk";
inline constexpr std::string_view kRootChain = "chaski1 root ck";
inline constexpr std::string_view kRootTags = "chaski1 root tk";
inline constexpr std::string_view kMessageStep = "chaski1 msg step";
inline constexpr std::string_view kMessageOpen = "chaski1 msg open";
inline constexpr std::string_view kTagBlock = "chaski1 tagblock";
inline constexpr std::string_view kTagStep = "chaski1 tag step";
inline constexpr std::string_view kMaskEnd = "chaski1 tag mask";
inline constexpr std::string_view kDirection = "chaski1 directio";

inline constexpr std::string_view kPairingCommitment = "chaski1 pair com";
inline constexpr std::string_view kPairingTranscript = "chaski1 pair trn";
inline constexpr std::string_view kPairingRoot = "chaski1 pair key";
inline constexpr std::string_view kPairingSymbols = "chaski1 pair sym";
inline constexpr std::string_view kPairingInitiatorConfirms = "chaski1 pair cni";
inline constexpr std::string_view kPairingResponderConfirms = "chaski1 pair cnr";
inline constexpr std::string_view kPairingOffer = "chaski1 pair off";
inline constexpr std::string_view kPairingAnswer = "chaski1 pair ans";

}  // namespace chaski::e2ee::label
