# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(embedded-relay SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/embedded_relay_fuzz.cpp
  LINK chaski::embedded)
