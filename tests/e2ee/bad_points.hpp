// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace chaski::e2ee::test {

/// X25519 public keys that nobody honest sends: of low order on the curve or its twist, and other
/// spellings of some. In the manner of Project Wycheproof's x25519_test.json.
inline constexpr std::array<std::string_view, 17> kBadX25519 = {
    "0000000000000000000000000000000000000000000000000000000000000000",  // 0
    "0100000000000000000000000000000000000000000000000000000000000000",  // 1
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p - 1
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",  // order 8
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",  // order 8
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p, that is 0
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 1, that is 1
    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 9, that is 9
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // p + 18
    "0000000000000000000000000000000000000000000000000000000000000080",  // the same, top bit set
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0900000000000000000000000000000000000000000000000000000000000080",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};

/// Ed25519 public keys of small order, of mixed order (12,345 times the base point and one of
/// those), off the curve, and in another spelling.
inline constexpr std::array<std::string_view, 25> kBadEd25519 = {
    "0100000000000000000000000000000000000000000000000000000000000000",  // small order
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "40a4cf5c611d737a2f1c6fcca84d9cabfed80987f186a5a6c57e629bff1af27f",  // mixed order
    "af6e8e63f857d90bf1afb0d2cd8753a15efed2964adc823c24f85082207e073e",
    "cdbc161be64c4302f56443ff29ccf36a2075be1a1fa67ff126b56315f5681c38",
    "feaf9d07b868cc52786305312c376563c622b0386a10d105e3c1501b28d65f7e",
    "ad5b30a39ee28c85d0e3903357b263540127f6780e795a593a819d6400e50d80",
    "3e91719c07a826f40e504f2d3278ac5ea1012d69b5237dc3db07af7ddf81f8c1",
    "2043e9e419b3bcfd0a9bbc00d6330c95df8a41e5e059800ed94a9cea0a97e3c7",
    "0700000000000000000000000000000000000000000000000000000000000000",  // not on the curve
    "0800000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",  // x = 0 with a sign
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",  // y not below p
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
};
/// 12,345 times the base point: an ordinary key.
inline constexpr std::string_view kGoodEd25519 =
    "ef4f62f8479733ad879cfaced3c89a9c39dd4fc795ef2efa1c3eafe4d729a081";

}  // namespace chaski::e2ee::test
