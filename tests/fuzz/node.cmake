# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(node-receive
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/node_receive_fuzz.cpp LINK chaski::node)
chaski_fuzz(node-pairing
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/node_pairing_fuzz.cpp LINK chaski::node)
chaski_fuzz(node-introductions SOURCE node_introductions_fuzz.cpp LINK chaski::node)
chaski_fuzz(node-carry SOURCE node_carry_fuzz.cpp LINK chaski::node)
