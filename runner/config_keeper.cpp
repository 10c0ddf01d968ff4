#include "muster/runner/config_keeper.hpp"

#include "muster/store/config_file.hpp"
#include "muster/store/disk_failure.hpp"
#include "muster/store/setting_table.hpp"

#include <cerrno>

namespace muster {

expected<open_file> config_keeper::open() {
  auto opened = env_.files.open(no_handle, path_, {.directory = true});
  if (!opened)
    return disk_failure("open the data directory", path_, opened.error());
  return open_file(env_.files, *opened);
}

expected<settings> config_keeper::read() {
  const std::scoped_lock lock(at_work_);
  const auto directory = open();
  if (!directory && directory.error().system_errno == ENOENT)
    return settings{};
  if (!directory)
    return directory.error();
  return read_config(env_, directory->get());
}

expected<settings> config_keeper::change(const std::function<expected<void>(settings&)>& change,
                                         const std::function<void(const settings&)>& tell) {
  const std::scoped_lock lock(at_work_);
  const auto directory = open();
  if (!directory)
    return directory.error();
  auto now = read_config(env_, directory->get());
  if (!now)
    return now;
  if (auto changed = change(*now); !changed)
    return changed.error();
  if (auto checked = check_settings(*now); !checked)
    return checked.error();
  if (auto written = write_config(env_, directory->get(), *now); !written)
    return written.error();
  if (tell)
    tell(*now);
  return now;
}

} // namespace muster
