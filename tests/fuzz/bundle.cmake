# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(bundle SOURCE bundle_fuzz.cpp LINK chaski::bundle)
