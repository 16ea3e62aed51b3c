// SPDX-License-Identifier: Apache-2.0
#include "daemon/daemon.hpp"

int main(int argc, char** argv) { return chaski::daemon::chaskid_main(argc, argv); }
