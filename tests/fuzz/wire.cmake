# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(wire-envelope SOURCE ${CMAKE_CURRENT_LIST_DIR}/wire_envelope_fuzz.cpp LINK chaski::wire)
chaski_fuzz(wire-records SOURCE ${CMAKE_CURRENT_LIST_DIR}/wire_records_fuzz.cpp LINK chaski::wire)
chaski_fuzz(wire-reassembler
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/wire_reassembler_fuzz.cpp LINK chaski::wire)
