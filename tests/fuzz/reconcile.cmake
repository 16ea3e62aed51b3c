# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(reconcile-decode
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/reconcile_decode_fuzz.cpp LINK chaski::reconcile)
chaski_fuzz(reconcile-exchange
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/reconcile_exchange_fuzz.cpp LINK chaski::reconcile)
