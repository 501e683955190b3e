// Command preload writes the containerd state (/var/lib/containerd) that `ctr images import` would leave, without a
// daemon, without mounts and without root, and always the same bytes for the same archives. It prints a JSON list of the
// images with their digests.
//
//	preload STATE-DIR ARCHIVE...
package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	imagearchive "github.com/containerd/containerd/v2/core/images/archive"
	"github.com/containerd/containerd/v2/core/metadata"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/containerd/v2/pkg/archive/compression"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay"
	"github.com/containerd/platforms"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/identity"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	bolt "go.etcd.io/bbolt"
)

const snapshotter = "overlayfs"

// managed tells containerd's CRI plugin that it need not adopt the image at start, pinned tells the kubelet's image
// collection to leave it: there is no registry to pull it from again.
var labels = map[string]string{"io.cri-containerd.image": "managed", "io.cri-containerd.pinned": "pinned"}

type loadedImage struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: preload STATE-DIR ARCHIVE...")
	}
	loaded, err := preload(os.Args[1], os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	sort.Slice(loaded, func(i, j int) bool { return loaded[i].Name < loaded[j].Name })
	if err := json.NewEncoder(os.Stdout).Encode(loaded); err != nil {
		log.Fatal(err)
	}
}

func preload(state string, archives []string) ([]loadedImage, error) {
	ctx := namespaces.WithNamespace(context.Background(), "k8s.io")
	store, err := local.NewStore(filepath.Join(state, "io.containerd.content.v1.content"))
	if err != nil {
		return nil, err
	}
	overlayDir := filepath.Join(state, "io.containerd.snapshotter.v1.overlayfs")
	sn, err := overlay.NewSnapshotter(overlayDir)
	if err != nil {
		return nil, err
	}
	boltDir := filepath.Join(state, "io.containerd.metadata.v1.bolt")
	if err := os.MkdirAll(boltDir, 0o711); err != nil {
		return nil, err
	}
	meta := filepath.Join(boltDir, "meta.db")
	db, err := bolt.Open(meta, 0o644, nil)
	if err != nil {
		return nil, err
	}
	mdb := metadata.NewDB(db, store, map[string]snapshots.Snapshotter{snapshotter: sn})
	if err := mdb.Init(ctx); err != nil {
		return nil, err
	}
	var loaded []loadedImage
	for _, a := range archives {
		found, err := load(ctx, mdb, a)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a, err)
		}
		loaded = append(loaded, found...)
	}
	// Removes the layers' blobs for good: nothing refers to them once they are unpacked.
	if _, err := mdb.GarbageCollect(ctx); err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	if err := sn.Close(); err != nil {
		return nil, err
	}
	for _, f := range []string{meta, filepath.Join(overlayDir, "metadata.db")} {
		if err := normalise(f, filepath.Join(overlayDir, "snapshots")); err != nil {
			return nil, fmt.Errorf("%s: %w", f, err)
		}
	}
	return loaded, nil
}

func load(ctx context.Context, mdb *metadata.DB, file string) ([]loadedImage, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cs := mdb.ContentStore()
	index, err := imagearchive.ImportIndex(ctx, cs, f)
	if err != nil {
		return nil, err
	}
	manifests, err := images.Children(ctx, cs, index)
	if err != nil {
		return nil, err
	}
	store := metadata.NewImageStore(mdb)
	var loaded []loadedImage
	for _, m := range manifests {
		name := m.Annotations[images.AnnotationImageName]
		if name == "" {
			continue
		}
		handler := images.SetChildrenMappedLabels(cs, images.ChildrenHandler(cs), images.ChildGCLabelsFilterLayers)
		if err := images.Walk(ctx, handler, m); err != nil {
			return nil, err
		}
		manifest, err := images.Manifest(ctx, cs, m, platforms.All)
		if err != nil {
			return nil, err
		}
		target := ocispec.Descriptor{MediaType: m.MediaType, Digest: m.Digest, Size: m.Size}
		// The CRI plugin knows an image by the digest of its configuration too, as a name of its own.
		for _, n := range []string{name, manifest.Config.Digest.String()} {
			if _, err := store.Create(ctx, images.Image{Name: n, Target: target, Labels: labels}); err != nil {
				return nil, fmt.Errorf("%s: %w", n, err)
			}
		}
		if err := unpack(ctx, mdb, manifest); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		loaded = append(loaded, loadedImage{Name: name, Digest: m.Digest.String()})
	}
	if len(loaded) == 0 {
		return nil, fmt.Errorf("holds no image with a name")
	}
	return loaded, nil
}

func unpack(ctx context.Context, mdb *metadata.DB, manifest ocispec.Manifest) error {
	cs := mdb.ContentStore()
	diffs, err := images.RootFS(ctx, cs, manifest.Config)
	if err != nil {
		return err
	}
	sn := mdb.Snapshotter(snapshotter)
	var chain []digest.Digest
	if len(manifest.Layers) != 1 {
		return fmt.Errorf("%d layers, but only a single one can be applied without mounting", len(manifest.Layers))
	}
	for i, layer := range manifest.Layers {
		chain = append(chain, diffs[i])
		id := identity.ChainID(chain).String()
		if _, err := sn.Stat(ctx, id); err == nil {
			continue
		}
		key := "extract-" + id
		mounts, err := sn.Prepare(ctx, key, "")
		if err != nil {
			return err
		}
		if err := apply(ctx, cs, layer, mounts[0].Source); err != nil {
			return err
		}
		if err := sn.Commit(ctx, id, key); err != nil {
			return err
		}
	}
	label := "containerd.io/gc.ref.snapshot." + snapshotter
	_, err = cs.Update(ctx, content.Info{Digest: manifest.Config.Digest, Labels: map[string]string{label: identity.ChainID(chain).String()}}, "labels."+label)
	return err
}

func apply(ctx context.Context, cs content.Store, layer ocispec.Descriptor, dir string) error {
	ra, err := cs.ReaderAt(ctx, layer)
	if err != nil {
		return err
	}
	defer ra.Close()
	r, err := compression.DecompressStream(io.NewSectionReader(ra, 0, ra.Size()))
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = archive.Apply(ctx, dir, r)
	return err
}

// normalise rewrites a bolt file with every time set to the epoch, snapshot sizes that do not depend on the builder's file
// system, and one transaction for each key, so that its pages depend on its content alone: within one transaction bolt
// writes nested buckets in the random order of a Go map.
func normalise(file, snapshotsDir string) error {
	src, err := bolt.Open(file, 0o644, &bolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer src.Close()
	tmp := file + ".new"
	dst, err := bolt.Open(tmp, 0o644, &bolt.Options{NoSync: true, NoFreelistSync: true})
	if err != nil {
		return err
	}
	epoch, err := time.Unix(0, 0).UTC().MarshalBinary()
	if err != nil {
		return err
	}
	r := rewriter{dst: dst, epoch: epoch, snapshotsDir: snapshotsDir}
	err = src.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error { return r.copy(b, [][]byte{name}) })
	})
	if err != nil {
		return err
	}
	if err := dst.Sync(); err != nil {
		return err
	}
	if err := dst.Close(); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}

type rewriter struct {
	dst          *bolt.DB
	epoch        []byte
	snapshotsDir string
}

func (r rewriter) update(path [][]byte, change func(*bolt.Bucket) error) error {
	return r.dst.Update(func(tx *bolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists(path[0])
		if err != nil {
			return err
		}
		for _, p := range path[1:] {
			if b, err = b.CreateBucketIfNotExists(p); err != nil {
				return err
			}
		}
		return change(b)
	})
}

func (r rewriter) copy(in *bolt.Bucket, path [][]byte) error {
	if err := r.update(path, func(b *bolt.Bucket) error { return b.SetSequence(in.Sequence()) }); err != nil {
		return err
	}
	replaced := map[string][]byte{"createdat": r.epoch, "updatedat": r.epoch}
	if in.Get([]byte("inodes")) != nil {
		id, _ := binary.Uvarint(in.Get([]byte("id")))
		size, inodes, err := logicalUsage(filepath.Join(r.snapshotsDir, strconv.FormatUint(id, 10), "fs"))
		if err != nil {
			return err
		}
		replaced["size"], replaced["inodes"] = binary.AppendVarint(nil, size), binary.AppendVarint(nil, inodes)
	}
	return in.ForEach(func(k, v []byte) error {
		if v == nil {
			return r.copy(in.Bucket(k), append(append([][]byte{}, path...), k))
		}
		if other, ok := replaced[string(k)]; ok {
			v = other
		}
		return r.update(path, func(b *bolt.Bucket) error { return b.Put(k, v) })
	})
}

// logicalUsage counts what a tree holds in blocks of 4 KiB, whatever file system it lies on.
func logicalUsage(dir string) (size, inodes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inodes++
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += (info.Size() + 4095) / 4096 * 4096
		}
		return err
	})
	return size, inodes, err
}
