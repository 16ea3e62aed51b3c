// SPDX-License-Identifier: Apache-2.0
// The image whose size is measured: a whole relay on a board that has no radio. Its port is made of
// C functions, as a board's would be; each byte of flash and RAM below them is ours.
#include <cstdint>

#include "embedded/relay.hpp"

extern "C" {
std::uint64_t chaski_board_time_us(void* context);
void chaski_board_entropy(void* context, std::uint8_t* out, std::size_t size);
std::size_t chaski_board_receive(void* context, std::uint8_t* out, std::size_t room);
int chaski_board_can_send(void* context);
void chaski_board_send(void* context, const std::uint8_t* frame, std::size_t size);
void chaski_board_idle(void* context, std::uint64_t until_us);
}

int main() {
  const chaski_medium port{nullptr,
                         chaski_board_time_us,
                         chaski_board_entropy,
                         chaski_board_receive,
                         chaski_board_can_send,
                         chaski_board_send,
                         chaski_board_idle};
  chaski::embedded::Relay relay(port, chaski::base::LinkRole::responder);
  for (;;) {
    relay.step();
    const auto wakeup = relay.next_wakeup();
    port.idle(port.context, wakeup ? static_cast<std::uint64_t>(chaski::base::to_us(*wakeup))
                                   : UINT64_MAX);
  }
}
