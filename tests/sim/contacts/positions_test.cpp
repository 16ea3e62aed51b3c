// SPDX-License-Identifier: Apache-2.0
// Afraid of: a position that becomes somebody else's, and of walking on through a hole in a file.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <limits>

#include "base/random.hpp"
#include "sim/contacts/position_csv.hpp"
#include "sim/contacts/position_npy.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

std::string csv_error(std::string_view rows, const PositionCsvOptions& options = {}) {
  const auto trace =
      parse_position_csv("time_s,node,x_m,y_m\n" + std::string(rows), "p.csv", options);
  return trace ? "none" : trace.error().message();
}

TEST(PositionCsv, HasNodesInTheOrderOfTheirNumbersAndTimeFromTheFirstSample) {
  const auto trace = parse_position_csv(
      "# who walks\r\n"
      "time_s, node, x_m, y_m\r\n"
      "10.0, 7, 1.5, -2\r\n10, 3, 0, 0\r\n"
      "10.5, 3, 4e1, 0\r\n10.5, 7, 1.5, 3\r\n",
      "p.csv");
  ASSERT_TRUE(trace) << trace.error().message();
  EXPECT_EQ(trace->nodes, 2u);
  EXPECT_EQ(trace->samples(), 2u);
  EXPECT_EQ(trace->interval, 500ms);
  EXPECT_EQ(trace->end(), base::Time{500ms});
  EXPECT_EQ(trace->names, (std::vector<std::string>{"3", "7"}));
  EXPECT_EQ(trace->positions, (std::vector<Position>{{0, 0}, {1.5, -2}, {40, 0}, {1.5, 3}}));
}

TEST(PositionCsv, ForgivesRoundedTimes) {
  EXPECT_EQ(csv_error("0,1,0,0\n0.333333,1,0,0\n0.666667,1,0,0\n1,1,0,0\n"), "none");
  EXPECT_EQ(csv_error("0,1,0,0\n1,1,0,0\n2.02,1,0,0\n"),
            "p.csv:4: expected the next sample at 2, found '2.02'");
  PositionCsvOptions options;
  options.interval = 1s;
  EXPECT_EQ(csv_error("0,1,0,0\n2,1,0,0\n", options),
            "p.csv:3: expected the next sample at 1, found '2'");
}

TEST(PositionCsv, SaysWhereAFileIsWrong) {
  EXPECT_EQ(parse_position_csv("0,1,0,0\n", "p.csv").error().message(),
            "p.csv:1: expected the header `time_s,node,x_m,y_m`, found '0'");
  EXPECT_EQ(parse_position_csv("time_s,node,x_m,y_m,z_m\n", "p.csv").error().message(),
            "p.csv:1: expected four columns, found 5");
  EXPECT_EQ(csv_error(""), "p.csv: expected lines `time_s,node,x_m,y_m`, found none");
  EXPECT_EQ(csv_error("0,1,0\n"),
            "p.csv:2: expected a coordinate in metres, at most 2.01e7 from "
            "0, found the end of the line");
  for (const char* wrong : {"nan", "inf", "3e7", "-3e7", "x", ""}) {
    EXPECT_EQ(csv_error("0,1,0," + std::string(wrong) + "\n"),
              "p.csv:2: expected a coordinate in metres, at most 2.01e7 from 0, found '" +
                  std::string(wrong) + "'");
  }
  EXPECT_EQ(csv_error("0,1,0,0,0\n"), "p.csv:2: expected four columns, found 5");
  EXPECT_EQ(csv_error("-1,1,0,0\n"),
            "p.csv:2: expected a time in seconds from 0 to 4e9, found '-1'");
  EXPECT_EQ(csv_error("0,-1,0,0\n"), "p.csv:2: expected the number of a node, found '-1'");
  EXPECT_EQ(csv_error("0,1,0,0\n1,1,0,0\n0,1,0,0\n"),
            "p.csv:4: expected the next sample at 2, found '0'");
}

TEST(PositionCsv, WantsTheSameNodesInEachSample) {
  EXPECT_EQ(csv_error("0,1,0,0\n0,1,0,0\n1,1,0,0\n"),
            "p.csv:4: expected node 1 once in the sample at 0, found it twice");
  EXPECT_EQ(csv_error("0,1,0,0\n0,2,0,0\n1,1,0,0\n2,1,0,0\n2,2,0,0\n"),
            "p.csv:5: expected the nodes of the first sample in the sample at 1, "
            "found node 2 missing");
  EXPECT_EQ(csv_error("0,1,0,0\n0,3,0,0\n1,1,0,0\n1,2,0,0\n"),
            "p.csv:5: expected the nodes of the first sample in the sample at 1, "
            "found node 2, which is new");
  EXPECT_EQ(csv_error("0,1,0,0\n1,1,0,0\n1,2,0,0\n"),
            "p.csv:4: expected at most 1 nodes in a sample, found more");
  PositionCsvOptions options;
  options.limits = {2, 3};
  EXPECT_EQ(csv_error("0,1,0,0\n0,2,0,0\n0,3,0,0\n", options),
            "p.csv:4: expected at most 2 nodes in a sample, found more");
  EXPECT_EQ(csv_error("0,1,0,0\n0,2,0,0\n1,1,0,0\n1,2,0,0\n", options),
            "p.csv:5: expected at most 3 positions, found more");
}

RC_GTEST_PROP(PositionCsv, IsReadAsItWasWritten, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  PositionTrace trace;
  trace.nodes = static_cast<std::uint32_t>(1 + random.below(5));
  trace.interval = base::Duration(100 + random.below(5'000'000));
  trace.positions.resize(trace.nodes * (2 + random.below(4)));
  const auto coordinate = [&] {
    return static_cast<float>((random.unit() - .5) * (random.below(2) == 0 ? 1 : 4e7));
  };
  for (Position& position : trace.positions) position = {coordinate(), coordinate()};
  const auto again = parse_position_csv(position_csv_text(trace), "p.csv");
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->nodes == trace.nodes);
  RC_ASSERT(again->interval == trace.interval);
  RC_ASSERT(again->positions == trace.positions);
}

/// A file of NumPy's, header and elements.
base::Bytes npy(const std::string& dictionary, const std::vector<double>& elements,
                bool wide = true, std::uint8_t version = 1) {
  base::Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0};
  const std::size_t length = dictionary.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) {
    bytes.push_back(static_cast<std::uint8_t>(length >> 8 * i));
  }
  bytes.insert(bytes.end(), dictionary.begin(), dictionary.end());
  for (const double element : elements) {
    const std::uint64_t bits = wide ? std::bit_cast<std::uint64_t>(element)
                                    : std::bit_cast<std::uint32_t>(static_cast<float>(element));
    for (int i = 0; i < (wide ? 8 : 4); ++i) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> 8 * i));
    }
  }
  return bytes;
}

const char* const kWide = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1, 2), }   \n";

std::string npy_error(const base::Bytes& bytes, const PositionNpyOptions& options = {}) {
  const auto trace = parse_position_npy(bytes, "p.npy", options);
  return trace ? "none" : trace.error().message();
}

TEST(PositionNpy, IsReadInBothWidthsAndAllVersions) {
  const std::vector<Position> expected{{1.5, -2}, {0, 1e6}};
  const std::vector<double> elements{1.5, -2, 0, 1e6};
  for (std::uint8_t version = 1; version <= 3; ++version) {
    const auto trace = parse_position_npy(npy(kWide, elements, true, version), "p.npy");
    ASSERT_TRUE(trace) << trace.error().message();
    EXPECT_EQ(trace->positions, expected);
    EXPECT_EQ(trace->nodes, 1u);
    EXPECT_EQ(trace->samples(), 2u);
    EXPECT_EQ(trace->interval, 1s);
  }
  // In another order, with other quotes and without the last commas.
  const auto narrow = parse_position_npy(
      npy(R"({"shape":(2,1,2),"descr":"<f4","fortran_order":False})", elements, false), "p.npy");
  ASSERT_TRUE(narrow) << narrow.error().message();
  EXPECT_EQ(narrow->positions, expected);
}

TEST(PositionNpy, SaysWhatIsWrongWithItsHeader) {
  const auto error = [](const std::string& dictionary) { return npy_error(npy(dictionary, {})); };
  EXPECT_EQ(npy_error({}), "p.npy: expected a NumPy file, which begins with \\x93NUMPY, found ''");
  EXPECT_EQ(npy_error(npy(kWide, {}, true, 4)),
            "p.npy: expected version 1.0, 2.0 or 3.0 of the NumPy format, found 4.0");
  EXPECT_EQ(error("{'descr': '>f8', 'fortran_order': False, 'shape': (2, 1, 2)}"),
            "p.npy: expected elements of type <f4 or <f8, found '>f8'");
  EXPECT_EQ(error("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 1, 2)}"),
            "p.npy: expected an array in C order, found one in Fortran order");
  for (const char* shape : {"(2, 1)", "(2, 1, 3)", "(0, 1, 2)", "(2, 0, 2)", "()"}) {
    EXPECT_EQ(
        error("{'descr': '<f8', 'fortran_order': False, 'shape': " + std::string(shape) + "}"),
        "p.npy: expected an array of shape (samples, nodes, 2), found " + std::string(shape));
  }
  EXPECT_EQ(error("{'descr': '<f8', 'fortran_order': False, 'shape': (2, -1, 2)}"),
            "p.npy: expected a tuple of at most 8 sizes in the header, found '-1, 2)}'");
  EXPECT_EQ(error("{'descr': '<f8', 'shape': (2, 1, 2)}"),
            "p.npy: expected the keys descr, fortran_order and shape in the header, found not all "
            "of them");
  EXPECT_EQ(error("{'descr': '<f8', 'descr': '<f4'}"),
            "p.npy: expected the keys descr, fortran_order and shape in the header, each once, "
            "found 'descr'");
  EXPECT_EQ(error("{'descr': [('x', '<f8')]}"),
            "p.npy: expected one type of elements in the header, found '[('x', '<f8')]}'");
}

TEST(PositionNpy, WantsAllElementsAndNoMore) {
  base::Bytes bytes = npy(kWide, {0, 0, 0, 0});
  bytes.push_back(0);
  EXPECT_EQ(npy_error(bytes), "p.npy: expected 32 bytes after the header, found 33");
  while (bytes.size() > 1) {
    bytes.pop_back();
    EXPECT_EQ(npy_error(bytes) == "none", bytes.size() == npy(kWide, {0, 0, 0, 0}).size());
  }
  EXPECT_EQ(npy_error(npy(kWide, {0, 0, 0, std::numeric_limits<double>::quiet_NaN()})),
            "p.npy: expected coordinates in metres, at most 2.01e7 from 0, found nan as element "
            "(1, 0, 1)");
  EXPECT_NE(npy_error(npy(kWide, {0, 1e300, 0, 0})), "none");
  PositionNpyOptions options;
  options.limits.positions_max = 1;
  EXPECT_EQ(npy_error(npy(kWide, {0, 0, 0, 0}), options),
            "p.npy: expected at most 1000000 nodes and 1 positions, found (2, 1, 2)");
  EXPECT_NE(npy_error(npy("{'descr': '<f8', 'fortran_order': False, "
                          "'shape': (18446744073709551615, 1, 2)}",
                          {})),
            "none");
}

}  // namespace
}  // namespace chaski::sim
