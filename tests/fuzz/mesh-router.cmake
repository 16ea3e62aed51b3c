# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(router-receive SOURCE router-receive_fuzz.cpp
  LINK chaski::mesh-router chaski::reconcile)
