// Uses libvarve_index, and libvarve behind it: objects that options name.
#include <varve/series_index.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

void Check(const rocksdb::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::exit(1);
}

}  // namespace

int main() {
  char dir[] = "/tmp/varve-consumer-XXXXXX";
  if (mkdtemp(dir) == nullptr) return 1;
  rocksdb::Options options;
  options.create_if_missing = true;
  Check(varve::ConfigureIndexColumnFamily({}, &options));
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, dir, &opened));
  std::unique_ptr<rocksdb::DB> db(opened);
  std::unique_ptr<varve::SeriesIndex> index;
  Check(varve::SeriesIndex::Open(opened, opened->DefaultColumnFamily(), {},
                                 &index));
  const varve::Label labels[] = {{"__name__", "up"}, {"job", "consumer"}};
  const varve::SeriesEntry entry = {{labels, 2}, 1700000000000};
  rocksdb::WriteBatch batch;
  varve::SeriesId id;
  {
    varve::Registration held;
    Check(index->Register(&entry, 1, &batch, &held));
    Check(db->Write({}, &batch));
    held.Written();
    id = held.ids()[0];
  }
  std::unique_ptr<varve::SeriesIdCursor> cursor;
  Check(
      index->Select({{"job", varve::MatchKind::kRegex, "con.+"}}, {}, &cursor));
  const bool found = cursor->Next() && cursor->id() == id && !cursor->Next();
  index.reset();
  db.reset();
  Check(rocksdb::DestroyDB(dir, options));
  return found ? 0 : 1;
}
