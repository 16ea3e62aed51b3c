# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(lan-stream SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/lan_stream_fuzz.cpp
  LINK chaski::transport-lan chaski::base)
