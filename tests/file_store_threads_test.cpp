#define CAF_SUITE file_store_threads_test

#include "tests/support/manifest_lab.hpp"

#include "muster/actors/file_store.hpp"
#include "muster/messages/actor_failure.hpp"
#include "muster/store/sha256.hpp"

#include <caf/test/unit_test.hpp>

#include <cstdio>

using namespace muster;
using namespace muster::test;
using namespace std::chrono_literals;

namespace {

struct system_config : caf::actor_system_config {
  system_config() {
    register_message_types();
    set("caf.scheduler.max-threads", std::size_t{2});
  }
};

} // namespace

CAF_TEST(workers on threads of their own serve many at once and end with their store) {
  const scratch_folder scratch{scratch_folder::medium::disk};
  real_environment here;
  const manifest_lab lab{here.view(), scratch.path(), "real"};
  constexpr int projects = 64;
  for (int i = 0; i < projects; ++i)
    (void)lab.make_project("p" + std::to_string(i), {});
  int done = 0;
  int read_back = 0;
  {
    system_config config;
    caf::actor_system system{config};
    const auto store = file_store_actor{system.spawn<file_store>(here.view(), file_store_options{})};
    caf::scoped_actor self{system};
    const auto project = [&](int i) { return lab.path("p" + std::to_string(i)); };
    for (int round = 0; round < 4; ++round) {
      const auto before = "round " + std::to_string(round - 1);
      const auto expected = round == 0 ? file_version{} : file_version{sha256::of(before)};
      for (int i = 0; i < projects; ++i)
        self->send(store, write_manifest{epoch{1}, project(i), expected, "round " + std::to_string(round)});
      for (int i = 0; i < projects; ++i)
        self->receive([&](const manifest_changed& answer) { done += !answer.error; },
                      [](const caf::error& why) { CAF_FAIL(to_failure(why, "").message); },
                      caf::after(20s) >> [] { CAF_FAIL("no answer in time"); });
    }
    for (int i = 0; i < projects; ++i)
      self->request(store, 20s, read_manifest{project(i)})
          .receive(
              [&](const manifest_read& answer) {
                const auto* bytes = std::get_if<manifest_bytes>(&answer.sight);
                read_back += bytes && bytes->bytes == "round 3";
              },
              [](const caf::error& why) { CAF_FAIL(to_failure(why, "").message); });
    caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
  }
  std::printf("lane file_store_threads_test: %d writes, %d read back\n", done, read_back);
  CAF_CHECK_EQUAL(done, 4 * projects);
  CAF_CHECK_EQUAL(read_back, projects);
}
