#include "muster/supervisor/life_numbers.hpp"

#include "muster/store/disk_failure.hpp"
#include "muster/store/full_io.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <string>

namespace muster {

namespace {

constexpr std::string_view file_name = "lives";
constexpr std::string_view new_name = "lives.new";
constexpr std::size_t most_bytes = 32;
constexpr int attempts = 3;
/// More than the restarts of a process can use up. The lower half is of those that
/// could not note what they use, one after the other by the clock: in milliseconds
/// it is 139 years.
constexpr std::uint64_t lives_not_noted = std::uint64_t{1} << 42U;
constexpr std::uint64_t lives_of_a_process = 2 * lives_not_noted;

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto whole = problem == std::errc{} && text.substr(static_cast<std::size_t>(end - text.data())) == "\n";
  return whole && number < UINT64_MAX - lives_of_a_process ? std::optional{number} : std::nullopt;
}

std::uint64_t last_number(const environment& env, handle data) {
  auto text = read_file(env.files, data, file_name, most_bytes);
  // The clock's number is far above all that are noted: if it cannot be noted in
  // turn, whoever comes next stays below it.
  for (int i = 1; i < attempts && !text && text.error().code != ENOENT; ++i)
    text = read_file(env.files, data, file_name, most_bytes);
  if (!text && text.error().code == ENOENT)
    return 0;
  // In nanoseconds it is more than a hundred thousand processes use up.
  const auto by_clock = static_cast<std::uint64_t>(std::chrono::nanoseconds{env.clock.wall()}.count());
  return text ? number_in(*text).value_or(by_clock) : by_clock;
}

os_result<void> keep(const environment& env, handle data, std::uint64_t number) {
  // A crash may have left one.
  (void)env.files.unlink(data, new_name, unlink_kind::file);
  auto written = write_new_file(env.files, data, new_name, std::to_string(number) + "\n");
  if (written)
    written = env.files.rename(data, new_name, data, file_name, rename_mode::replace);
  if (written)
    written = sync_full(env.files, data);
  return written;
}

} // namespace

reserved_lives reserve_lives(const environment& env, handle data) {
  const auto last = last_number(env, data);
  reserved_lives result{epoch{last + lives_not_noted + 1}, std::nullopt};
  if (auto kept = keep(env, data, last + lives_of_a_process); !kept) {
    const auto wall = std::chrono::floor<std::chrono::milliseconds>(env.clock.wall()).count();
    result.first.value = last + 1 + static_cast<std::uint64_t>(wall) % lives_not_noted;
    result.not_kept = disk_failure("write the number of this life", std::string{file_name}, kept.error());
  }
  return result;
}

} // namespace muster
