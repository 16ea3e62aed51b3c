# SPDX-License-Identifier: Apache-2.0
chaski_fuzz(attachment-manifest SOURCE attachment_manifest_fuzz.cpp LINK chaski::attachment)
