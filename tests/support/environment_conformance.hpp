#pragma once

#include "muster/store/environment.hpp"

#include <boost/assert/source_location.hpp>

#include <string>
#include <vector>

namespace muster::test {

/// A disk whose facts are looked at, below an empty directory. What `disk`
/// itself cannot make, the kind of disk makes.
class conformance_world {
public:
  conformance_world(disk& files, handle root, std::string root_path)
      : files(files), root(root), root_path(std::move(root_path)) {}
  virtual ~conformance_world() = default;

  virtual void make_symlink(const std::string& name, const std::string& target) = 0;
  virtual void make_fifo(const std::string& name) = 0;

  void holds(bool fact, boost::source_location where = BOOST_CURRENT_LOCATION);
  template <class T>
  void fails(const os_result<T>& answer, int code, boost::source_location where = BOOST_CURRENT_LOCATION) {
    note(answer ? 0 : answer.error().code, code, where);
  }
  template <class T>
  bool succeeds(const os_result<T>& answer, boost::source_location where = BOOST_CURRENT_LOCATION) {
    return note(answer ? 0 : answer.error().code, 0, where);
  }

  /// Opens below the root; the test goes on with a useless handle if it cannot.
  open_file open(std::string_view path, const open_how& how, boost::source_location where = BOOST_CURRENT_LOCATION);
  void put(std::string_view path, std::string_view content);
  std::string content(std::string_view path);
  std::string read(handle file, std::uint64_t offset = 0, std::size_t size = 4096);

  disk& files;
  handle root;
  std::string root_path;
  std::string problems; ///< one line for each fact that does not hold
  std::size_t checked = 0;

private:
  bool note(int got, int wanted, boost::source_location where);
};

/// One claim about every disk.
struct conformance_fact {
  const char* claim;
  void (*look)(conformance_world& world);
};

/// Names, opening, reading and writing.
const std::vector<conformance_fact>& file_facts();
/// Directories, renames, paths beneath, locks.
const std::vector<conformance_fact>& name_facts();

} // namespace muster::test
