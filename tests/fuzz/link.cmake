# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(link-handshake
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/link_handshake_fuzz.cpp LINK chaski::link)
chaski_fuzz(link-transport
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/link_transport_fuzz.cpp LINK chaski::link)
