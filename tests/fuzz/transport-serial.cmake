# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(serial-line SOURCE ${PROJECT_SOURCE_DIR}/tests/fuzz/serial_line_fuzz.cpp
  LINK chaski::transport-serial-core chaski::base)
