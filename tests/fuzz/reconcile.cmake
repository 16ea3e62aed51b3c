# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(reconcile-decode
  SOURCE ${CMAKE_CURRENT_LIST_DIR}/reconcile_decode_fuzz.cpp LINK chaski::reconcile)
