"""The engines, one file each; `toonify.registry` lists them and `toonify.load` opens them.

Where their files lie, below `<models>/stylizers/`:

    cel/                nothing; it needs no files
    dualstylegan/       <collection>/generator.pt, refined_exstyle_code.npy or exstyle_code.npy; encoder.pt
    toonify/            <variant>/generator.pt; <variant>/encoder.pt, or encoder.pt for all
    stylegan2/          the same
    cartoongan/         <variant>.npz or .pth
    animegan2/          <variant>.pt
    onnx/               <variant>.onnx and <variant>.toml
    adain/              vgg_normalised.pth, decoder.pth, styles/<variant>.png (or .jpg, .webp)
    fast/               <variant>.pth
    gatys/              vgg19.pth, styles/<variant>.png
"""
