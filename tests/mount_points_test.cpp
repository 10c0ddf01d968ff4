#define CAF_SUITE mount_points_test

#include "muster/store/mount_points.hpp"

#include <caf/test/unit_test.hpp>

using namespace muster;

namespace {
using paths = std::vector<std::string>;
}

CAF_TEST(reads what is mounted below a root) {
  const std::string_view text = "21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                "22 21 0:5 / /home/me/nas rw,relatime shared:1 - nfs server:/x rw\n"
                                "23 21 0:6 / /home/me/with\\040blank rw - tmpfs t rw\n"
                                "24 21 0:7 / /home/meal rw - tmpfs t rw\n"
                                "nonsense\n\n"
                                "25 21 0:8 / /home/me/a\\011\\134b rw - tmpfs t rw";
  CAF_CHECK_EQUAL(mounts_below("/home/me", text), (paths{"/home/me/a\t\\b", "/home/me/nas", "/home/me/with blank"}));
  CAF_CHECK_EQUAL(mounts_below("/nowhere", text), paths{});
}
